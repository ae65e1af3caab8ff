"""Every wrong use and every bad input is one message with its remedy, and the right exit code."""

import errno
import os
import signal
import subprocess
import sys
import threading

import pytest

from odograph.errors import WriteError
from odograph.folder.database import Database
from odograph.studies.registry import BUILT_IN


@pytest.fixture
def measuring(tiny_model, texts, tmp_path):
    """Arguments of a measurement that would succeed, with some replaced."""

    def arguments(**changed):
        given = {"model": tiny_model, "texts": texts, "target": "her", "out": tmp_path / "run"}
        pairs = {**given, **changed}
        return ["measure", *(part for k, v in pairs.items() for part in (f"--{k}", v))]

    return arguments


def test_missing_model(odograph, measuring):
    ended = odograph(*measuring(model="./no-model"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "odograph: no model folder './no-model'. Give an existing folder, a .gguf file, a hub id "
        "such as gpt2, or bundled.\n"
    )


def test_missing_texts(odograph, measuring):
    ended = odograph(*measuring(texts="none.txt"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "odograph: none.txt: no such file. Check the path, or name a text such as bundled:her.\n"
    )


def test_empty_texts(odograph, measuring, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.touch()
    ended = odograph(*measuring(texts=empty))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "odograph: empty.txt is empty. Give a file that holds text.\n"


def test_no_texts(odograph, tiny_model, tmp_path):
    ended = odograph("measure", "--model", tiny_model, "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: no texts given: expected --texts FILE. Try --texts bundled:her --target her.\n"
    )


def test_target_that_does_not_occur(odograph, measuring, tmp_path):
    ended = odograph(*measuring(target="hers"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "odograph: no occurrence of the target 'hers' in 8 passages. Targets are whole words, in "
        "the case they are given in; near words that occur: 'her', 'horses'.\n"
    )
    assert not (tmp_path / "run").exists()


def test_unknown_study(odograph, texts, tmp_path):
    ended = odograph("study", "spin", "--texts", texts, "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"odograph: unknown study: expected {', '.join(BUILT_IN)}, got")
    assert ended.err.endswith(", got 'spin'.\n")


def test_unknown_option_in_yaml(odograph, tmp_path, texts):
    config = tmp_path / "run.yaml"
    config.write_text("convntion: hf\n", encoding="utf-8")
    ended = odograph("measure", "--config", config, "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"odograph: {config}: unknown option 'convntion'. Did you mean 'convention'?\n"
    )


def test_wrong_value_in_yaml(odograph, tmp_path):
    config = tmp_path / "run.yaml"
    config.write_text("untrained: many\n", encoding="utf-8")
    ended = odograph("measure", "--config", config, "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"odograph: {config}: option 'untrained': expected ")
    assert ended.err.endswith(", got 'many'.\n")


def test_yaml_with_keys_that_are_no_names(odograph, tmp_path):
    config = tmp_path / "run.yaml"
    config.write_text("3: hf\n", encoding="utf-8")
    ended = odograph("measure", "--config", config, "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"odograph: {config}: option '3': expected keys ")


def test_unknown_flag(odograph, texts, tmp_path):
    ended = odograph("measure", "--texts", texts, "--tagret", "her", "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: no such option: --tagret (Possible options: --part, --tags, --target). "
        "Try `odograph measure --help`.\n"
    )


def test_unknown_choice(odograph, texts, tmp_path):
    ended = odograph("measure", "--texts", texts, "--bos", "often", "--out", tmp_path / "run")
    assert (ended.code, ended.out) == (2, "")
    assert "--bos" in ended.err
    assert "auto" in ended.err
    assert ended.err.endswith("Try `odograph measure --help`.\n")


def test_unknown_measure(odograph, measuring):
    ended = odograph(*measuring(measures="speed"))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("odograph: unknown measure: expected norm, rotation, step, ")


def test_unknown_command(odograph):
    ended = odograph("stduy")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("odograph: no such command 'stduy'")
    assert "study" in ended.err


def test_folder_that_is_not_empty(odograph, measuring, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine", encoding="utf-8")
    ended = odograph(*measuring())
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"odograph: '{tmp_path / 'run'}' is not empty. Choose another --out, continue with "
        "--resume, or replace it with --overwrite.\n"
    )
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["mine.txt"]


def test_no_run_folder(odograph, tmp_path):
    ended = odograph("analyse", tmp_path / "none")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"odograph: '{tmp_path / 'none'}' is not a run folder: expected ")


def test_wrong_sql(odograph, finished):
    ended = odograph("sql", finished, "select nothing from layers")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("odograph: the query cannot be run: ")


def test_a_run_cannot_be_changed_by_sql(odograph, finished):
    ended = odograph("sql", finished, "drop table layers")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: a run is read-only: expected one SELECT, or EXPLAIN and a SELECT, got drop "
        "table layers.\n"
    )


def test_report_on_several_folders_needs_a_place(odograph, finished):
    ended = odograph("report", finished, finished)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: a report on several folders needs a place: expected --out FILE, got none.\n"
    )


def _raise(error):
    def raising(*_arguments, **_options):
        raise error

    return raising


def test_memory(odograph, monkeypatch, measuring):
    monkeypatch.setattr("odograph.run.measure.measure_config", _raise(MemoryError()))
    ended = odograph(*measuring())
    assert ended.code == 1
    assert ended.err == (
        "odograph: out of memory. Use a smaller --batch-tokens, or --dtype bfloat16 on a GPU.\n"
    )


def test_interruption(odograph, monkeypatch, measuring):
    monkeypatch.setattr("odograph.run.measure.measure_config", _raise(KeyboardInterrupt()))
    ended = odograph(*measuring())
    assert ended.code == 1
    assert ended.err == (
        "odograph: interrupted; what was finished is whole: continue with --resume\n"
    )


def test_interruption_where_nothing_can_be_resumed(odograph, monkeypatch, finished):
    monkeypatch.setattr("odograph.folder.run.open_run", _raise(KeyboardInterrupt()))
    assert odograph("sql", finished, "select 1").err == "odograph: interrupted\n"


@pytest.mark.usefixtures("hears_interrupts")
def test_interruption_in_the_middle_of_a_query(odograph, finished, monkeypatch):
    long = "select sum(a.range * b.range) from range(1000000) a, range(1000000) b"
    interrupt = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    asked = Database.sql

    def sql(run, query):
        found = asked(run, query)
        if query == long:
            interrupt.start()  # what is left is to carry it out
        return found

    monkeypatch.setattr(Database, "sql", sql)
    done = odograph("sql", finished, long)
    interrupt.join()
    assert (done.code, done.err) == (1, "odograph: interrupted\n")


def test_bug_shows_its_traceback_on_request_only(odograph, monkeypatch, finished):
    monkeypatch.setattr("odograph.folder.run.open_run", _raise(KeyError("x")))
    monkeypatch.delenv("ODOGRAPH_DEBUG", raising=False)
    ended = odograph("sql", finished, "select 1")
    assert ended.code == 1
    assert ended.err == (
        "odograph: this is a bug: KeyError: 'x'. ODOGRAPH_DEBUG=1 shows where; please report it.\n"
    )
    monkeypatch.setenv("ODOGRAPH_DEBUG", "1")
    assert "Traceback" in odograph("sql", finished, "select 1").err


def test_what_the_system_refuses_is_no_bug(odograph, finished, measuring, tmp_path):
    """Told with the place and a remedy, whatever the command."""
    (tmp_path / "file").touch()
    long = tmp_path / ("x" * 300)
    for arguments, said in (
        (("report", finished, "--out", tmp_path), "is not replaced"),
        (("report", finished, "--out", tmp_path / "file" / "a.html"), "under a file"),
        (("report", finished, "--out", long), "File name too long"),
        (("analyse", long), "File name too long"),
        (measuring(out=long), "File name too long"),
    ):
        ended = odograph(*arguments)
        assert ended.code == 1
        assert said in ended.err
        assert "bug" not in ended.err
        assert "--resume" not in ended.err
        assert len(ended.err) < 600


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_disk_and_a_read_only_folder_are_no_bug(
    code, odograph, measuring, finished, monkeypatch, tmp_path
):
    failed = OSError(code, os.strerror(code), str(tmp_path / "report.html"))
    monkeypatch.setattr("odograph.report.write_report", _raise(failed))
    ended = odograph("report", finished)
    assert ended.code == 1
    assert ended.err.startswith(f"odograph: {os.strerror(code)}: '{tmp_path / 'report.html'}'. ")
    assert "--resume" not in ended.err
    for error in (failed, WriteError("cannot write 'a': the disk is full")):
        monkeypatch.setattr("odograph.run.measure.measure_config", _raise(error))
        assert odograph(*measuring()).err.endswith(
            "What was finished is whole: continue with --resume.\n"
        )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model": ""}, "option 'model': expected a name that is not empty, got ''"),
        ({"measures": ""}, "option 'measures': expected the name of a measure, got ['']"),
        ({"texts": ""}, "option 'texts': expected a name that is not empty, got ['']"),
        ({"out": ""}, "the name after --out is empty: expected a file or folder"),
    ],
)
def test_empty_names_are_refused(changed, said, odograph, measuring):
    ended = odograph(*measuring(**changed))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_an_option_that_is_given_twice_and_taken_once_is_refused(odograph, measuring, tmp_path):
    ended = odograph(*measuring(), f"--out={tmp_path / 'other'}")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "odograph: --out is given 2 times: expected one. Leave one out.\n"
    assert odograph(*measuring(), "--target", "him", "--quiet").code in (0, 1), "may be repeated"


def test_true_is_no_seed_in_yaml(odograph, measuring, tmp_path):
    (tmp_path / "run.yaml").write_text("seed: true\n", encoding="utf-8")
    ended = odograph(*measuring(config=tmp_path / "run.yaml"))
    assert (ended.code, ended.out) == (2, "")
    assert "option 'seed': expected input should be a valid integer, got True" in ended.err


def test_a_number_that_no_file_holds_is_refused(odograph, measuring):
    ended = odograph(*measuring(seed=10**22))
    assert (ended.code, ended.out) == (2, "")
    assert "option 'seed': expected input should be less than 9223372036854775808" in ended.err


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_query_that_fails_on_its_way_is_the_fault_of_the_query(form, odograph, finished):
    ended = odograph("sql", finished, "select 'x'::int", "--format", form)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: the query cannot be run: Conversion Error: Could not convert string 'x' to "
        "INT32: got select 'x'::int.\n"
    )


def test_a_seed_below_zero_is_wrong_use(odograph):
    ended = odograph("power", "--seed", -1)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("odograph: invalid value for '--seed'")


def test_ctrl_c_while_the_commands_are_loaded_leaves_no_traceback():
    code = (
        "import sys\n"
        "from odograph.cli import main\n"
        "class Now:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'odograph.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Now())\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"odograph: interrupted\n")
