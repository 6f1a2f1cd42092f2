"""The rules that keep coroutines sound on g++ 12, as far as text can tell (CONTRIBUTING.md, "Flows").

g++ 12 miscompiles a co_await in a condition, in braces or ?:, beside a temporary that is not trivial, or in a lambda,
mostly without a warning. So a flow is a free function, and a co_await stands alone in its statement.
"""

import re
from dataclasses import dataclass, field

from source import Finding, blank, tokens

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CONTROL = {"if", "while", "for", "switch"}
_BEFORE_BODY = {")", "else", "do", "try", "const", "noexcept", "override", "final", "mutable", "&", "&&", ":"}
_NOT_A_TYPE = {"return", "co_return", "co_yield", "throw", "new", "delete", "co_await"}
_CO = {"co_await", "co_return", "co_yield"}


def in_scope(path, text):
    return path.startswith("src/handshake/") or re.search(r"\bFlow\s*<", blank(text)) is not None


@dataclass
class Bracket:
    opening: int
    kind: str  # file, namespace, class, enum, function, lambda, block; or braces, (, [
    parent: "Bracket | None"
    member: bool = False  # of a function: it belongs to a class
    start: int = 0  # where the statement began that is being read
    closing: int = -1
    statements: dict = field(default_factory=dict)  # token -> where its statement began, for tokens directly in here


class Parsed:
    """Tokens, and for each of them the brackets that it stands in: as much of C++ as the rules need."""

    def __init__(self, text):
        self.tokens = tokens(text)
        self.texts = [token.text for token in self.tokens]
        self.match = self._matches()
        self.lambda_bodies, self.lambda_starts = self._lambdas()
        self.inside = [None] * len(self.tokens)
        self._read()

    def line(self, index):
        return self.tokens[min(index, len(self.tokens) - 1)].line

    def _matches(self):
        match, stack = {}, []
        for index, text in enumerate(self.texts):
            if text in _CLOSING:
                stack.append(index)
            elif text in _CLOSING.values() and stack:
                match[stack.pop()] = index
        return match

    def _lambdas(self):
        bodies, starts = set(), set()
        for index, text in enumerate(self.texts):
            previous = self.texts[index - 1] if index else ""
            if text != "[" or previous in (")", "]", "[", '""'):
                continue
            if re.match(r"\w", previous) and previous not in ("return", "co_return", "co_await", "case", "else"):
                continue
            at = self.match.get(index, index) + 1
            if self.texts[at : at + 1] == ["]"] or self.texts[index + 1 : index + 2] == ["["]:
                continue  # an attribute
            if self.texts[at : at + 1] == ["<"]:
                at = self.after_angles(at)
            if self.texts[at : at + 1] == ["("]:
                at = self.match.get(at, at) + 1
            while at < len(self.texts) and self.texts[at] not in ("{", ";", ")", "}", "]", "="):
                at = self.match.get(at, at) + 1
            if at < len(self.texts) and self.texts[at] == "{":
                bodies.add(at)
                starts.add(index)
        return bodies, starts

    def after_angles(self, at):
        depth = 0
        while at < len(self.texts):
            depth += {"<": 1, ">": -1}.get(self.texts[at], 0)
            at = self.match.get(at, at) + 1
            if depth == 0:
                break
        return at

    def _read(self):
        current = Bracket(-1, "file", None)
        for index, text in enumerate(self.texts):
            self.inside[index] = current
            current.statements[index] = current.start
            if text in _CLOSING:
                parent, current = current, Bracket(index, self._kind(index, current), current, start=index + 1)
                current.member = current.kind == "function" and (
                    parent.kind == "class" or self._qualified(parent.start, index))
            elif text in _CLOSING.values() and current.parent:
                current.closing = index
                ended = current.kind not in ("(", "[", "braces", "lambda")
                current = current.parent
                self.inside[index] = current
                current.statements[index] = current.start
                if ended:
                    current.start = index + 1
            elif text == ";":
                current.start = index + 1

    def _kind(self, index, parent):
        text = self.texts[index]
        if text != "{":
            return text
        if index in self.lambda_bodies:
            return "lambda"
        if parent.kind in ("(", "[", "braces", "enum"):
            return "braces"
        statement = self.flat(parent.start, index)
        previous = statement[-1] if statement else ""
        body = "function" if parent.kind in ("file", "namespace", "class") else "block"
        if not statement or previous in _BEFORE_BODY:
            return body
        if "=" not in statement:
            for word in statement:
                if word in ("namespace", "extern"):
                    return "namespace"
                if word == "enum":
                    return "enum"
                if word in ("class", "struct", "union"):
                    return "class"
            if "->" in statement or "requires" in statement or previous == "}":
                return body
        return "braces"

    def flat(self, start, end):
        """The tokens from start to end, the content of brackets and of template<...> left out."""
        found, at = [], start
        while at < end:
            text = self.texts[at]
            if text == "template":
                at = self.after_angles(at + 1)
                continue
            found.append(text)
            if text in _CLOSING and self.match.get(at, end) < end:
                at = self.match[at]
                found.append(self.texts[at])
            at += 1
        return found

    def _qualified(self, start, end):
        statement = self.flat(start, end)
        if "(" not in statement:
            return False
        at = statement.index("(")
        return at >= 2 and statement[at - 2] == "::"

    def owner(self, index):
        """The function or lambda whose body holds the token."""
        bracket = self.inside[index]
        while bracket and bracket.kind not in ("function", "lambda"):
            bracket = bracket.parent
        return bracket

    def statement(self, index):
        """(first, end) of the statement that a token directly in a block belongs to, without `if (...)` and the like
        in front of it."""
        first = self.inside[index].statements[index]
        end = index
        while end < len(self.texts) and self.texts[end] not in (";", "}"):
            end = self.match.get(end, end) + 1
        while first < index:
            text = self.texts[first]
            following = self.texts[first + 1]
            if text in _CONTROL:
                first += 2 if following == "constexpr" else 1
                first = self.match.get(first, first) + 1
            elif text in ("else", "do"):
                first += 1
            elif text == "case":
                while first < index and self.texts[first] != ":":
                    first += 1
                first += 1
            elif re.match(r"\w", text) and following == ":":
                first += 2
            elif text == "[" and following == "[":
                first = self.match.get(first, first) + 1
            else:
                break
        return first, end


def flow_names(text):
    """The names of the flows that a file declares."""
    parsed = Parsed(text)
    return {parsed.texts[at] for at, bracket, _ in _declarations(parsed) if bracket.kind in ("file", "namespace")}


def _declarations(parsed):
    """(where the name stands, in which bracket, whether it is qualified) of each function that returns a Flow."""
    for index, text in enumerate(parsed.texts):
        bracket = parsed.inside[index]
        if text != "Flow" or parsed.texts[index + 1 : index + 2] != ["<"]:
            continue
        if bracket.kind not in ("file", "namespace", "class"):
            continue
        at = parsed.after_angles(index + 1)
        qualified = False
        while parsed.texts[at + 1 : at + 2] == ["::"]:
            at, qualified = at + 2, True
        if re.match(r"[A-Za-z_]", "".join(parsed.texts[at : at + 1])) and parsed.texts[at + 1 : at + 2] == ["("]:
            yield at, bracket, qualified


def check_flows(path, text, flows=frozenset()):
    """`flows` are the names of all flows of the tree: their arguments obey rule 3."""
    parsed = Parsed(text)
    flows = flows | flow_names(text)
    yield from _check_declarations(path, parsed)
    coroutines = set()
    for index, word in enumerate(parsed.texts):
        if word not in _CO or parsed.texts[index - 1] == "operator":
            continue
        owner = parsed.owner(index)
        if owner:
            first_time = owner.opening not in coroutines
            coroutines.add(owner.opening)
            if first_time and owner.kind == "lambda":
                yield Finding(path, parsed.line(index), "flow rule 1", "a lambda that is a coroutine",
                              "Make it a free function, Flow<T> name(Engine&, ...).")
            elif first_time and owner.member:
                yield Finding(path, parsed.line(index), "flow rule 1", "a member function that is a coroutine",
                              "Make it a free function, Flow<T> name(Engine&, ...).")
        if word == "co_await":
            yield from _check_await(path, parsed, index, flows)
    for index, word in enumerate(parsed.texts):
        owner = parsed.owner(index)
        of_a_type = parsed.texts[index - 1] in ("class", "struct", "union") or parsed.inside[index].kind == "class"
        if word == "alignas" and owner and owner.opening in coroutines and not of_a_type:
            yield Finding(path, parsed.line(index), "flow alignas", "g++ 12 ignores alignas on a coroutine's local",
                          "Put alignas on the type.")
    if path.startswith("src/handshake/"):
        yield from _check_states(path, parsed)


def _check_declarations(path, parsed):
    for at, bracket, qualified in _declarations(parsed):
        name = parsed.texts[at]
        if bracket.kind == "class" or qualified:
            if name != "get_return_object":
                yield Finding(path, parsed.line(at), "flow rule 1", f"{name} is a flow and a member of a class",
                              "Make it a free function, Flow<T> name(Engine&, ...).")
            continue
        first = parsed.flat(at + 2, parsed.match.get(at + 1, at + 2))
        if "," in first:
            first = first[: first.index(",")]
        if not re.search(r"Engine &( \w+)?$", " ".join(first)):  # or one derived from it: ClientEngine
            yield Finding(path, parsed.line(at), "flow rule 1", f"the flow {name} does not take the engine first",
                          "Its frame comes from the connection's arena: Flow<T> name(Engine& engine, ...).")


def _check_await(path, parsed, index, flows):
    bracket = parsed.inside[index]
    line = parsed.line(index)
    alone = "Give it a statement of its own: `T x = co_await ...;`, and use x here."
    if bracket.kind == "(":
        before = parsed.texts[bracket.opening - 1]
        if before == "constexpr":
            before = parsed.texts[bracket.opening - 2]
        where = "a condition" if before in _CONTROL else "a call's arguments or parentheses"
        yield Finding(path, line, "flow rule 2", f"co_await in {where}", alone)
        return
    if bracket.kind in ("[", "braces"):
        where = "a subscript or capture" if bracket.kind == "[" else "braces"
        yield Finding(path, line, "flow rule 2", f"co_await in {where}", alone)
        return

    first, end = parsed.statement(index)
    if "co_await" in parsed.texts[first:index]:
        yield Finding(path, line, "flow rule 2", "a second co_await in one statement", "One co_await a statement.")
        return
    if index > first and not _is_target(parsed.texts[first:index]):
        got = " ".join(parsed.texts[first:index])
        yield Finding(path, line, "flow rule 2", f"`{got} co_await`",
                      "Write `T x = co_await ...;`, `x = co_await ...;` or `co_await ...;`, with x a value.")
        return

    at, angles = index + 1, 0
    while at < end:
        text = parsed.texts[at]
        angles += {"<": 1, ">": -1}.get(text, 0)
        if text == "{":
            yield Finding(path, parsed.line(at), "flow rule 2", "braces behind co_await",
                          "Await a call; build what it needs in the statement before.")
            return
        if text not in ("(", "::", ".", "->", "<", ">") and not re.match(r"\w", text) and not (angles and text == ","):
            yield Finding(path, parsed.line(at), "flow rule 2", f"`{text}` in the statement of a co_await", alone)
            return
        at = parsed.match.get(at, at) + 1
    yield from _check_arguments(path, parsed, index, end, flows)


def _is_target(texts):
    """Whether this is `T x =` or `x =`: x a value or a pointer, or a place that is reached by names and accessors."""
    *target, equals = texts
    if equals != "=" or not target or not all(re.match(r"[A-Za-z_]", word) for word in (target[0], target[-1])):
        return False
    text = " ".join(target)
    if re.fullmatch(r"\w+(?: \( \))?(?: (?:\.|->|::) \w+(?: \( \))?)*", text):
        return not _NOT_A_TYPE & set(target)
    angles = 0
    for text in target:
        angles += {"<": 1, ">": -1}.get(text, 0)
        if text in _NOT_A_TYPE or text in ("&", "&&") and angles == 0:
            return False
        if not re.match(r"\w", text) and text not in ("::", "<", ">", "*") and not (angles and text in ",&"):
            return False
    return angles == 0


def _check_arguments(path, parsed, index, end, flows):
    for at in range(index, end):
        if at in parsed.lambda_starts:
            yield Finding(path, parsed.line(at), "flow rule 3", "a lambda inside a co_await's statement",
                          "Name it in the statement before, or make it a function.")
            return
    opening = index + 1
    while opening < end and (re.match(r"[A-Za-z_]", parsed.texts[opening]) or parsed.texts[opening] == "::"):
        opening += 1
    if opening < end and parsed.texts[opening] == "<":
        opening = parsed.after_angles(opening)
    if opening >= end or parsed.texts[opening] != "(":
        return
    callee = next(word for word in reversed(parsed.texts[index + 1 : opening]) if re.match(r"[A-Za-z_]", word))
    at, closing = opening + 1, parsed.match.get(opening, end)
    while at < closing:
        stop = at
        while stop < closing and parsed.texts[stop] != ",":
            stop = parsed.match.get(stop, stop) + 1
        argument = parsed.texts[at:stop]
        if "co_await" not in argument and not _is_simple(argument, braces_only=callee not in flows):
            yield Finding(path, parsed.line(at), "flow rule 3", f"the argument `{' '.join(argument)}` of an awaited call",
                          "Hand on names, std::move(name), scalars and plain aggregates; name the rest before.")
        at = stop + 1


def _is_simple(argument, braces_only):
    """Whether an argument is a name, std::move(name), a scalar or an aggregate of such. Of a call that is not a flow,
    only the braces matter: an aggregate temporary with members that are not trivial is destroyed twice."""
    text = " ".join(argument)
    chain = r"(?:\w+(?: (?:::|\.|->) \w+)*)"
    value = rf'(?:[!~*&-] )?(?:{chain}(?: (?:\.|->) \w+ \( \))*|{chain} \( \)|"")'
    if braces_only:
        return all(re.fullmatch(rf"(?: *{value} *,?)*", inner) and '""' not in inner
                   for inner in map(str.strip, re.findall(r"\{([^{}]*)\}", text)))
    aggregate = rf"{chain}? ?\{{(?: (?:\. \w+ = )?{value.replace('|' + chr(34) * 2, '')}(?: ,)?)* \}}"
    return re.fullmatch(rf"{value}|std :: move \( {chain} \)|static_cast < .* > \( .* \)|{aggregate}", text) is not None


def _check_states(path, parsed):
    for index, word in enumerate(parsed.texts):
        if word == "enum":
            at = index + 1
            while parsed.texts[at : at + 1] in (["class"], ["struct"]):
                at += 1
            name = "".join(parsed.texts[at : at + 1])
            opening = at
            while opening < len(parsed.texts) and parsed.texts[opening] not in "{;":
                opening += 1
            values = parsed.texts[opening : parsed.match.get(opening, opening)]
            if re.search(r"state|phase|stage|step", name, re.I) or any(
                    re.match(r"wait_|waiting|expect_|expecting|await", value, re.I) for value in values):
                yield Finding(path, parsed.line(index), "flow states", f"{name} is a state enum",
                              "A flow's state is where it stands in its text; what data may flow, the engine says.")
        elif word == "switch" and re.search(r"(^|_|\b)(state|phase|stage|step)_?\b",
                                            " ".join(parsed.texts[index + 1 : parsed.match.get(index + 1, index)]), re.I):
            yield Finding(path, parsed.line(index), "flow states", "a switch over a state",
                          "Write the flow from top to bottom, with sub-flows where the RFC has sections.")
