"""From what lies in the folders to what the template shows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from odograph.report import words
from odograph.report.folder import Folder
from odograph.report.numbers import NOTHING, in_unit, number, p_value, significant
from odograph.report.pictures import Picture, UnreadablePictureError, inline_svg, is_plain_name
from odograph.report.tables import Table, read_table
from odograph.report.values import (
    CheckView,
    FigureView,
    FindingView,
    Pairs,
    ReportView,
    RunView,
    StudyView,
    TableView,
)

UNKNOWN = "not recorded"


def report_view(folders: Sequence[Folder], command: str, title: str) -> ReportView:
    """The report about these folders."""
    runs = tuple(_run(folder, f"run-{index}") for index, folder in enumerate(folders, 1))
    names = ", ".join(dict.fromkeys(run.name for run in runs))
    return ReportView(title or f"odograph report: {names}", command, runs, words.LIMITS)


def _run(folder: Folder, anchor: str) -> RunView:
    manifest = folder.manifest
    comparison = manifest.get("kind") == "comparison"
    return RunView(
        name=folder.name,
        anchor=anchor,
        kind="Comparison" if comparison else "Run",
        complete=manifest.get("complete") is not False,
        card=_comparison_card(manifest) if comparison else _run_card(manifest),
        checks=tuple(_check(check) for check in _dicts(manifest.get("self_check"))),
        exclusions=tuple(
            (number(count), words.exclusion(reason))
            for reason, count in _mapping(manifest.get("exclusions")).items()
            if count
        ),
        never=sum(not count for count in _mapping(manifest.get("exclusions")).values()),
        skipped=tuple(
            (_text(entry.get("place")), _text(entry.get("reason")))
            for entry in _dicts(_mapping(manifest.get("corpus")).get("skipped"))
        ),
        studies=tuple(
            _study(folder, name, f"{anchor}-study-{index}")
            for index, name in enumerate(folder.study_names, 1)
        ),
        reproduce=_reproduce(manifest),
        command=str(manifest.get("command") or ""),
        config=json.dumps(manifest["config"], indent=2, ensure_ascii=False)
        if manifest.get("config")
        else "",
    )


def _run_card(manifest: Mapping[str, Any]) -> Pairs:
    model, corpus = _mapping(manifest.get("model")), _mapping(manifest.get("corpus"))
    time = _mapping(manifest.get("time"))
    seed = model.get("untrained_seed")
    pace = f"{number(time.get('wall_s'))} s, {number(time.get('tokens_per_s'))} tokens/s"
    return (
        ("model", _text(model.get("name"))),
        ("revision", _text(model.get("revision") or model.get("fingerprint"))),
        ("weights", "trained" if seed is None else f"untrained, seed {seed}"),
        ("shape", _shape(model)),
        ("precision", " · ".join(_text(manifest.get(k)) for k in ("dtype", "device", "kernel"))),
        ("convention", _text(manifest.get("convention"))),
        ("BOS", _text(manifest.get("bos"))),
        ("texts", ", ".join(map(str, corpus.get("sources") or [])) or UNKNOWN),
        ("passages", number(corpus.get("passages"))),
        ("tokens", number(corpus.get("tokens"))),
        ("not a number", _not_a_number(_mapping(manifest.get("not_a_number")))),
        ("seed", _text(manifest.get("seed"))),
        (
            "measured",
            f"{_text(time.get('started'))}, {pace}",
        ),
    )


def _shape(model: Mapping[str, Any]) -> str:
    return (
        f"{_text(model.get('architecture'))}, {number(model.get('blocks'))} blocks "
        f"({_text(model.get('layout'))}), width {number(model.get('width'))}, "
        f"{number(model.get('parameters'))} parameters"
    )


def _not_a_number(counts: Mapping[str, Any]) -> str:
    found = [f"{name}: {number(count)}" for name, count in counts.items() if count]
    return ", ".join(found) or "none"


def _comparison_card(manifest: Mapping[str, Any]) -> Pairs:
    return (
        ("runs compared", ", ".join(map(str, manifest.get("runs") or [])) or UNKNOWN),
        ("seed", _text(manifest.get("seed"))),
    )


def _reproduce(manifest: Mapping[str, Any]) -> Pairs:
    versions = {"odograph": manifest.get("odograph"), **_mapping(manifest.get("versions"))}
    shown = [f"{name} {version}" for name, version in versions.items() if version]
    return (
        ("versions", ", ".join(shown) or UNKNOWN),
        ("seed", _text(manifest.get("seed"))),
        ("config", _text(manifest.get("config_hash"))),
        ("model fingerprint", _text(_mapping(manifest.get("model")).get("fingerprint"))),
        ("text fingerprint", _text(_mapping(manifest.get("corpus")).get("fingerprint"))),
    )


def _check(check: Mapping[str, Any]) -> CheckView:
    name = _text(check.get("name"))
    return CheckView(
        name=name,
        meaning=words.SELF_CHECKS.get(name, ""),
        result=words.check_result(check.get("passed")),
        error=significant(check.get("error"), 2),
        tolerance=significant(check.get("tolerance"), 2),
        detail=str(check.get("detail") or ""),
    )


def _study(folder: Folder, name: str, anchor: str) -> StudyView:
    study = _mapping(folder.studies.get(name))
    own = [finding for finding in folder.findings if finding.get("study", "unnamed") == name]
    return StudyView(
        name=name,
        anchor=anchor,
        question=str(study.get("question") or ""),
        findings=tuple(_finding(f, f"{anchor}-finding-{i}") for i, f in enumerate(own, 1)),
        figures=tuple(
            _figure(folder, figure, f"{anchor}-figure-{i}")
            for i, figure in enumerate(_dicts(study.get("figures")), 1)
        ),
        tables=tuple(_table(folder, table) for table in _dicts(study.get("tables"))),
        notes=tuple(map(str, study.get("notes") or [])),
        card=tuple((str(k), str(v)) for k, v in _mapping(study.get("card")).items()),
    )


def _finding(finding: Mapping[str, Any], anchor: str) -> FindingView:
    return FindingView(
        anchor=anchor,
        statement=str(finding.get("statement") or "a finding without a statement"),
        line=finding_line(finding),
        plain=str(finding.get("plain") or ""),
    )


def finding_line(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Effect with interval, n, test, family, p and null, each as a short text."""
    line = []
    if number(finding.get("estimate")) != NOTHING:
        bounds = finding.get("interval")
        unit = str(finding.get("unit") or "")
        effect = f"{in_unit(finding['estimate'], unit)} {unit if unit != '1' else ''}".strip()
        span = ", no interval"
        if bounds:
            span = f" [{in_unit(bounds[0], unit)}, {in_unit(bounds[1], unit)}]"
        line.append(effect + span)
    excluded = f"({number(finding.get('excluded'))} left out)"
    line.append(f"{_unbroken(_units(finding))} {excluded}")
    line.append(_text(finding.get("test")))
    if finding.get("family"):
        line.append(f"family: {finding['family']}")
    if finding.get("p") is not None:
        line.append(_unbroken(p_value(finding["p"])))
    if finding.get("p_adjusted") is not None:
        line.append(_unbroken(f"adjusted {p_value(finding['p_adjusted'])}"))
    line.append(f"null: {finding.get('null') or 'none shown'}")
    return tuple(line)


def _unbroken(text: str) -> str:
    """The text with spaces at which no line ends."""
    return text.replace(" ", "\u00a0")


def _units(finding: Mapping[str, Any]) -> str:
    """How many units and what one is: "n = 54 passages", whether the record says one or many."""
    unit = str(finding.get("unit_of_inference") or "units")
    head, of, rest = unit.partition(" of ")
    single = head.endswith("s") or finding.get("n") == 1
    return f"n = {number(finding.get('n'))} {head if single else f'{head}s'}{of}{rest}"


def _figure(folder: Folder, figure: Mapping[str, Any], prefix: str) -> FigureView:
    name = str(figure.get("name") or "")
    title = str(figure.get("title") or name)
    caption, picture, problem = str(figure.get("caption") or ""), Picture("", False), ""
    try:
        if not is_plain_name(name):
            raise UnreadablePictureError(f"{name!r} is not the name of a figure")
        path = folder.path / "figures" / f"{name}.svg"
        picture = inline_svg(path, prefix, f"{title}. {caption}".strip())
    except UnreadablePictureError as reason:
        problem = str(reason)
    null = str(figure.get("null") or "")
    return FigureView(title, picture.svg, problem, caption, null, picture.wide)


def _table(folder: Folder, table: Mapping[str, Any]) -> TableView:
    name = str(table.get("name") or "")
    title = str(table.get("title") or name)
    if not is_plain_name(name):
        return TableView(title, "", Table((), (), (), 0, f"{name!r} is not the name of a table"))
    return TableView(title, f"{folder.name}/tables/{name}.parquet", read_table(folder.path, name))


def _text(value: Any) -> str:
    return UNKNOWN if value is None or value == "" else str(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []
