"""An import contract: a package is entered only through its doors.

Import-linter runs it (``contract_types`` in pyproject.toml). Django's dotted strings are no imports, so settings, URL
includes and foreign keys by name are outside of it: they are how the composition root and lower layers reach inside.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

TESTS = "tests"


class PublicDoorsContract(Contract):
    """Other packages import ``<package>.<door>`` and nothing else of ``<package>``; nothing but tests imports tests.

    Options:
        packages: packages that have doors, by full name.
        doors: names of the modules of each that anyone may import.
        also_doors: further modules that anyone may import, by full name (what a layer beside the stack needs).
        composition_roots: packages that may import everything.
    """

    type_name = "public_doors"

    packages = fields.SetField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())
    also_doors = fields.SetField(subfield=fields.StringField(), required=False)
    composition_roots = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every direct import in the graph with the rule."""
        broken = sorted(
            (importer, imported)
            for importer in graph.modules
            for imported in graph.find_modules_directly_imported_by(importer)
            if self._is_broken(importer, imported)
        )
        details = {link: graph.get_import_details(importer=link[0], imported=link[1]) for link in broken}
        return ContractCheck(kept=not broken, metadata={"broken": broken, "details": details})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that does not come through a door, with its line."""
        for importer, imported in check.metadata["broken"]:
            for detail in check.metadata["details"][importer, imported] or [{}]:
                place = f"{importer}:{detail.get('line_number', '?')}"
                output.print_error(f"- {place} imports {imported}, which is no door.", bold=False)
        output.new_line()

    def _is_broken(self, importer: str, imported: str) -> bool:
        if TESTS in importer.split("."):
            return False
        if TESTS in imported.split("."):
            return True
        if any(_inside(importer, root) for root in self.composition_roots or ()):  # type: ignore[attr-defined]
            return False
        package = next((name for name in self.packages if _inside(imported, name)), None)  # type: ignore[attr-defined]
        if package is None or _inside(importer, package):
            return False
        if imported in (self.also_doors or ()):  # type: ignore[operator]
            return False
        return imported not in {f"{package}.{door}" for door in self.doors}  # type: ignore[attr-defined]


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
