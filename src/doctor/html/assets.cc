#include "doctor/html/assets.h"

namespace handfast::doctor {

const std::string_view style_sheet = R"css(
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --card: #fff; --ink: #1e2126; --quiet: #575d69; --line: #e1ded6; --tint: #f1efe9;
  --client: #2854bd; --client-soft: #e8eefc; --server: #0a6b5b; --server-soft: #e0f2ed;
  --sealed: #7638a0; --sealed-soft: #f4ebfb; --key: #845400; --key-soft: #fcf3df; --key-fill: #f5dda6;
  --good: #1c6b2f; --good-soft: #e8f5ea; --bad: #a8231b; --bad-soft: #fdedeb; --lit: #ffe27a;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "DejaVu Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131519; --card: #1b1e24; --ink: #e4e4e0; --quiet: #a3a9b5; --line: #30353f; --tint: #262a32;
    --client: #8fb3ff; --client-soft: #1b2742; --server: #6cd0bb; --server-soft: #11312b;
    --sealed: #d0a8f2; --sealed-soft: #2b1f39; --key: #e6bb67; --key-soft: #2a2312; --key-fill: #5a4516;
    --good: #82d696; --good-soft: #16301c; --bad: #ff9f96; --bad-soft: #3a1a18; --lit: #6b5600;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 78rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.25; text-wrap: balance; }
h1 { font-size: 2.25rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.6rem; margin: 3rem 0 1rem; }
h3 { font-size: 1.2rem; margin: 0; }
h4 { font-size: .8125rem; margin: 1.25rem 0 .5rem; color: var(--quiet); font-weight: 600; }
p { margin: .5rem 0; }
code, .hex, .tree .name, .tree .bytes { font-family: var(--mono); font-size: .8125rem; }
ul { list-style: none; margin: 0; padding: 0; }
a { color: inherit; text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--client); outline-offset: 2px; border-radius: 3px; }

.kicker { margin: 0; color: var(--quiet); letter-spacing: .02em; }
.when { margin: .25rem 0 1.5rem; color: var(--quiet); font-size: .875rem; }
.verdict { padding: 1rem 1.25rem; border-radius: 10px; background: var(--good-soft); }
.verdict.bad { background: var(--bad-soft); }
.verdict .summary { margin: 0; font-size: 1.1rem; font-weight: 600; }
.verdict .mark { color: var(--good); }
.verdict.bad .mark { color: var(--bad); }
.verdict .rows { margin-top: .75rem; }
.rows { display: grid; grid-template-columns: minmax(7rem, 11rem) minmax(0, 1fr); gap: .3rem 1.25rem; margin: 0; }
.rows dt { grid-column: 1; color: var(--quiet); }
.rows dd { grid-column: 2; margin: 0; }
.rows small { display: block; color: var(--quiet); font-size: .8125rem; }
.warning, .rows .failed { color: var(--bad); }
.probes, .attempts { margin-top: .75rem; color: var(--quiet); font-size: .9rem; }
.probes ol { margin: .5rem 0; padding-left: 2.5rem; }
.introduction p { max-width: 46rem; }
.legend { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: 1rem 0; font-size: .875rem; }
.legend li::before { content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .5em;
  border-radius: 3px;  vertical-align: -.05em; background: currentColor; }
.legend .client, .ends .client { color: var(--client); }
.legend .server, .ends .server { color: var(--server); }
.legend .sealed { color: var(--sealed); }
.legend .keys { color: var(--key); }
.tools { display: flex; gap: .75rem; margin: 1rem 0; }
button { font: inherit; font-size: .875rem; padding: .3rem .9rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--line); border-radius: 999px; cursor: pointer; }

.rails { position: relative; padding: 0 1.75rem 1.5rem; border: solid; border-width: 0 2px;
  border-image: linear-gradient(to right, var(--client) 50%, var(--server) 50%) 1; }
.ends { position: sticky; top: 0; z-index: 2; display: flex; justify-content: space-between; margin: 0 -1.75rem;
  padding: .4rem 1rem; background: var(--paper); font-family: var(--serif); border-bottom: 1px solid var(--line); }
.card { position: relative; margin: 1.5rem 0; padding: 1.1rem 1.4rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; scroll-margin-top: 3.5rem; }
article.client { margin-right: 7%; border-left: 4px solid var(--client); }
article.server { margin-left: 7%; border-right: 4px solid var(--server); }
article.card::before { content: ""; position: absolute; top: 1.75rem; width: 1.6rem; height: 2px; }
article.client::before { left: -1.85rem; background: var(--client); }
article.server::before { right: -1.85rem; background: var(--server); }
.card > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .9rem; font-size: .875rem;
  color: var(--quiet); }
.card > header h3 { color: var(--ink); }
article.client > header .way { color: var(--client); }
article.server > header .way { color: var(--server); }
.card > header time { margin-left: auto; font-variant-numeric: tabular-nums; }
.badge { padding: .05rem .6rem; border: 1px solid var(--line); border-radius: 999px; font-size: .8125rem;
  color: var(--quiet); white-space: nowrap; }
.badge.sealed { color: var(--sealed); background: var(--sealed-soft); border-color: transparent; }
.why { max-width: 46rem; color: var(--quiet); font-size: .9rem; line-height: 1.5; }
.card > .why { color: var(--ink); font-size: 1rem; }
.aside { color: var(--quiet); font-size: .9rem; }
.words { display: flex; flex-wrap: wrap; gap: .1rem .5rem; margin: .4rem 0; font-size: .875rem; color: var(--quiet); }
.words li:not(:last-child)::after { content: "\2002·"; }
.small { padding: .7rem 1.4rem; }
.small h3 { font-size: 1.05rem; }
.bad.card, .card.bad { border-color: var(--bad); background: var(--bad-soft); }
.failure .verdict { padding: 0; background: none; margin-top: .5rem; }
.event { display: flex; align-items: center; gap: 1rem; margin: 1.5rem 0; color: var(--quiet); text-align: center; }
.event::before, .event::after { content: ""; flex: 1; min-width: 1rem; border-top: 1px solid var(--line); }
.event.good { color: var(--good); }
.event.bad { color: var(--bad); font-weight: 600; }

details > summary { cursor: pointer; }
.record, .fields { margin-top: .75rem; border-top: 1px solid var(--line); padding-top: .6rem; font-size: .9375rem; }
.record.sealed > summary b { color: var(--sealed); }
.record > summary, .fields > summary { color: var(--quiet); }
.record > summary b, .fields > summary b { color: var(--ink); font-weight: 600; }
.opening { margin: 1rem 0 0; padding: .6rem .9rem; border-radius: 8px; background: var(--sealed-soft);
  font-size: .875rem; }
.withheld { color: var(--quiet); font-style: italic; }

.anatomy { display: grid; grid-template-columns: 27rem minmax(0, 1fr); gap: 1rem 2rem; margin-top: .75rem; }
.dump { position: sticky; top: 3rem; align-self: start; max-height: calc(100vh - 4rem); overflow-y: auto;
  padding: .75rem 1rem; border-radius: 8px; background: var(--paper); border: 1px solid var(--line); }
.pointed { margin: 0 0 .5rem; min-height: 1.5em; font-size: .8125rem; color: var(--quiet); white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; }
.hex { margin: 0; max-width: 47.9ch; line-height: 1.75; overflow-wrap: normal; }
.hex .odd { background: var(--tint); }
.hex .more { color: var(--quiet); }
.hex .lit, .hex .lit .odd, .tree .row.lit { background: var(--lit); color: var(--ink); border-radius: 2px; }
.tree ul ul { margin-left: .45rem; padding-left: .9rem; border-left: 1px solid var(--line); }
.tree .row { padding: .1rem .3rem; margin: 0 -.3rem; line-height: 1.6; }
.tree .name { font-weight: 600; }
.tree .unparsed { color: var(--bad); }
.tree .bytes { color: var(--quiet); margin: 0 .4rem; }
.tree .value { font-size: .875rem; }
.tree .why { margin: 0 0 .4rem; font-size: .8125rem; }

.card.keys { margin-inline: 7%; background: var(--key-soft); border-color: transparent; }
.card.keys h3 { color: var(--key); }
.schedule { margin: 1rem 0 1.25rem; font-size: .8125rem; }
.stage { display: grid; grid-template-columns: 10.5rem 8rem 10.5rem minmax(0, 1fr); align-items: start; gap: .4rem;
  padding-bottom: 1.8rem; position: relative; }
.stage:last-child { padding-bottom: 0; }
.stage > span { text-align: center; }
/* From a stage's secret, in the middle of the third column, down to the next one. */
.stage:not(:last-child)::after { content: attr(data-next); position: absolute; left: 24.55rem; top: 2.1rem; bottom: 0;
  display: flex; align-items: end; padding: 0 0 .2rem .5rem; border-left: 1px solid var(--key); color: var(--quiet);
  font-size: .75rem; }
.stage .input, .stage .secret, .leaves li { padding: .3rem .6rem; border: 1px solid var(--key); border-radius: 7px; }
.stage .secret { position: relative; font-weight: 600; }
.stage .how { color: var(--quiet); border-bottom: 1px solid var(--key); line-height: 1; padding: .15rem 0 .2rem; }
.leaves { display: grid; gap: .3rem; padding-left: 1rem; border-left: 1px solid var(--key); margin-left: .6rem; }
.leaves code { font-size: .75rem; }
.leaves small { display: block; color: var(--quiet); font-size: .75rem; }
.ahead { opacity: .5; border-style: dashed !important; }
.schedule .now { background: var(--key-fill); font-weight: 600; }
.derivation { margin: .9rem 0; }
.formula { display: block; color: var(--key); }
.derivation ul { margin-left: .2rem; padding-left: 1rem; border-left: 2px solid var(--key-fill); }
.derivation li { margin: .4rem 0; font-size: .875rem; }
.derivation .name { font-weight: 600; }
.derivation .value { display: block; }
.derivation .withheld { margin-left: .6rem; }
.derivation .why { margin: 0; font-size: inherit; }
.change { margin: .75rem 0 0; font-size: .9375rem; padding-left: .9rem; border-left: 4px solid var(--line); }
.change.client { border-color: var(--client); }
.change.server { border-color: var(--server); }

.choices { font-size: .9rem; }
.choices.client { margin-right: 7%; }
.choices.server { margin-left: 7%; }
.choices .rows { margin-top: .5rem; }
.path .path { margin-left: .5rem; padding-left: 1rem; border-left: 2px solid var(--line); }
.checks { font-size: .9rem; }
.certificate .checks { columns: 26rem; column-gap: 2rem; }
.certificate .checks li { break-inside: avoid; }
.checks .badge { margin-left: .6rem; }
.certificate > p { margin: .6rem 0 .2rem; }
.certificate .below { color: var(--quiet); font-size: .8125rem; margin-left: .5rem; }
.vain { opacity: .65; }
.passed .mark { color: var(--good); }
.failed, .failed .mark { color: var(--bad); }
.unmade { color: var(--quiet); }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .875rem; }

@media (max-width: 62rem) {
  .anatomy { grid-template-columns: minmax(0, 1fr); }
  .dump { position: static; max-height: none; }
  article.client, .choices.client { margin-right: 0; }
  article.server, .choices.server { margin-left: 0; }
  .card.keys { margin-inline: 0; }
}
@media (max-width: 44rem) {
  body { padding: 1.25rem .75rem 3rem; }
  h1 { font-size: 1.6rem; }
  .rails { padding: 0 .6rem 1rem; }
  .ends { margin: 0 -.6rem; }
  article.card::before { display: none; }
  .card { padding: .9rem 1rem; }
  .rows { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .rows dt, .rows dd { grid-column: 1; }
  .rows dt { margin-top: .5rem; font-size: .8125rem; }
  .hex { max-width: 23.9ch; }
  .stage { grid-template-columns: minmax(0, 1fr); justify-items: stretch; }
  .stage .how { border: 0; padding: 0; }
  .stage:not(:last-child)::after { display: none; }
  .leaves { margin-left: 1rem; }
}
@media print {
  body { max-width: none; padding: 0; }
  .tools, .pointed { display: none; }
  .ends, .dump { position: static; max-height: none; }
  .card { break-inside: auto; }
  .card > header { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
)css";

const std::string_view script = R"js(
(() => {
  const rows = document.querySelectorAll(".tree .row");
  for (const row of rows) if (row.tagName !== "SUMMARY") row.tabIndex = 0;
  for (const line of document.querySelectorAll(".pointed")) {
    line.hidden = false;
    line.textContent = "Point at a byte or at a field.";
  }

  let lit = [];
  const rowOf = (anatomy, number) => {
    let row = anatomy.querySelector(`.tree [data-f="${number}"]`);
    // Of a field that is folded away, the one that it is folded into.
    for (let fold; (fold = row.closest("ul")?.closest("details:not([open])")) && anatomy.contains(fold);)
      row = fold.querySelector("summary");
    return row;
  };
  const point = (event) => {
    const part = event.target.closest?.("[data-f]");
    if (!part && event.type === "mouseover" && event.target.closest?.(".anatomy")) return;
    for (const element of lit) element.classList.remove("lit");
    lit = [];
    if (!part) return;
    const anatomy = part.closest(".anatomy"), number = part.dataset.f;
    const row = rowOf(anatomy, number);
    lit = [row, anatomy.querySelector(`.hex [data-f="${number}"]`)].filter(Boolean);
    for (const element of lit) element.classList.add("lit");
    const told = anatomy.querySelector(`.tree [data-f="${number}"]`);
    anatomy.querySelector(".pointed").textContent =
      [told.querySelector(".name"), told.querySelector(".value")].filter(Boolean).map((e) => e.textContent).join(": ");
  };
  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("click", (event) => {
    const bytes = event.target.closest?.(".hex [data-f]");
    if (!bytes) return;
    const row = bytes.closest(".anatomy").querySelector(`.tree [data-f="${bytes.dataset.f}"]`);
    for (let fold = row.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    row.focus({preventScroll: true});
    row.scrollIntoView({block: "nearest"});
  });

  const folds = document.querySelectorAll("details");
  const rails = document.querySelector(".rails");
  if (rails) {
    const tools = document.createElement("p");
    tools.className = "tools";
    for (const [words, open] of [["Unfold everything", true], ["Fold everything", false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.addEventListener("click", () => { for (const fold of folds) fold.open = open; });
      tools.append(button);
    }
    rails.before(tools);
  }
  addEventListener("beforeprint", () => { for (const fold of folds) fold.open = true; });
})();
)js";

}  // namespace handfast::doctor
