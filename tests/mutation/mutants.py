"""What is done to the guards: each is taken out, and what it compares, denies, allows and yields is bent."""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "agent/decide/guards"
LIST = f"{FOLDER}/__init__.py"
BENT: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
}  # fmt: skip
SIGNS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file, and its whole text with the change in it."""

    file: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        """Give file:line and what was done there."""
        return f"{self.file}:{self.line}: {self.what}"


def taken_out(root: Path) -> Iterator[Mutant]:
    """Take each guard out of the list, and the budgets out of the sentence that asks them."""
    text = (root / LIST).read_text(encoding="utf-8")
    for name, line in guards(text):
        yield Mutant(LIST, line, f"{name} taken out", ast.unparse(_Without(name).visit(ast.parse(text))))


def guards(text: str) -> list[tuple[str, int]]:
    """Give the guards that the list names, with their lines, and the budgets."""
    tree = ast.parse(text)
    listed = next(n.value for n in tree.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "GUARDS")
    names = [(n.id, n.lineno) for n in ast.walk(listed or tree) if isinstance(n, ast.Name)] if listed else []
    asked = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "budgets"]
    return [*sorted(names, key=operator.itemgetter(1)), *(("budgets", n.lineno) for n in asked)]


class _Without(ast.NodeTransformer):
    """Takes one name out of the list of guards, or answers for it with nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Leave it out of the list."""
        if ast.unparse(node.target) == "GUARDS" and isinstance(node.value, ast.Tuple):
            node.value.elts = [e for e in node.value.elts if ast.unparse(e) != self.name]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Have the budgets say nothing."""
        self.generic_visit(node)
        if self.name == "budgets" and ast.unparse(node.func) == "budgets":
            return ast.copy_location(ast.Tuple([], ast.Load()), node)
        return node


def bent(root: Path) -> Iterator[Mutant]:
    """Bend every comparison, `not`, number and `yield` of the guards, one at a time."""
    for path in sorted((root / FOLDER).glob("*.py")):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        for number in range(len(_places(ast.parse(text)))):
            tree = ast.parse(text)
            node = _places(tree)[number]
            line, what = node.lineno, _bend(node)
            yield Mutant(name, line, what, ast.unparse(ast.fix_missing_locations(tree)))


def _places(tree: ast.Module) -> list[ast.Compare | ast.UnaryOp | ast.Expr | ast.Constant]:
    """Give what can be bent, in a fixed order: words for people and notes of types are left alone."""
    found: list[ast.Compare | ast.UnaryOp | ast.Expr | ast.Constant] = []
    for top in tree.body:
        if isinstance(top, (ast.Assign, ast.AnnAssign)):
            found += [n for n in ast.walk(top.value or top) if _number(n)]  # type: ignore[misc]
        elif isinstance(top, (ast.FunctionDef, ast.ClassDef)):
            found += [n for n in _logic(top) if _can(n)]  # type: ignore[misc]
    return found


def _logic(node: ast.AST) -> Iterator[ast.AST]:
    """Give what decides in a piece of code: not what only chooses a word."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.IfExp) and _wording(child)):
            continue
        yield child
        yield from _logic(child)


def _wording(node: ast.IfExp) -> bool:
    said = (ast.JoinedStr, ast.Constant)
    return any(isinstance(n, said) and not _number(n) for n in (node.body, node.orelse)) and not isinstance(
        node.body, ast.Call
    )


def _can(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return len(node.ops) == 1 and type(node.ops[0]) in BENT
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Yield, ast.YieldFrom))
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def _bend(node: ast.Compare | ast.UnaryOp | ast.Expr | ast.Constant) -> str:
    """Bend one node in its place, and say how."""
    before = ast.unparse(node)
    if isinstance(node, ast.Compare):
        node.ops = [BENT[type(node.ops[0])]()]
    elif isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
        return f"`{before.splitlines()[0][:70]}` left out"
    elif isinstance(node, ast.Constant):
        node.value = node.value * 1.1 if isinstance(node.value, float) else node.value + 1  # type: ignore[operator]
    else:
        node.op = ast.UAdd()
        node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
    return f"`{before[:70]}` became `{ast.unparse(node)[:70]}`"
