"""What the rules look at: a finding, and C++ text with its comments and literals blanked out."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    problem: str
    remedy: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.problem}\n    {self.remedy}"


_COMMENT_OR_LITERAL = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | (?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"
    | "(?:\\.|[^"\\\n])*"
    | (?:(?<![0-9A-Fa-f])|\b(?:u8|[uUL]))'(?:\\.|[^'\\\n])+'
    """,
    re.DOTALL | re.VERBOSE,
)


def blank(text):
    """The same text, line for line and column for column, without comments; literals become empty ones."""

    def replacement(match):
        piece = match.group()
        blanked = re.sub(r"[^\n]", " ", piece)
        if piece.startswith("/"):
            return blanked
        return '""' + blanked[2:] if len(piece) > 1 else blanked

    return _COMMENT_OR_LITERAL.sub(replacement, text)


@dataclass(frozen=True)
class Token:
    text: str
    line: int


_TOKEN = re.compile(
    r"""
      (?P<word>[A-Za-z_]\w*)
    | (?P<number>\.?\d(?:'?[\w.])*)
    | (?P<literal>"")
    | (?P<operator>::|->|&&|\|\||<<=|>>=|<=>|[-+*/%&|^=!<>]=|\+\+|--|\.\.\.|<<|.)
    """,
    re.VERBOSE,
)


def tokens(text):
    """The tokens of C++ text, preprocessor lines left out. `>>` is two tokens, since it mostly closes templates."""
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), blank(text), flags=re.M)
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        found.extend(Token(match.group(), number) for match in _TOKEN.finditer(line) if not match.group().isspace())
    return found
