"""Targets from a file: several words, several languages."""

import pytest

from odograph.corpus import find_targets
from odograph.corpus.target_list import read_targets
from odograph.errors import TextError
from odograph.run.options import make_config


def listed(folder, content):
    path = folder / "words.txt"
    path.write_bytes(content)
    return str(path)


def test_each_line_is_a_target_of_one_or_several_words(tmp_path):
    path = listed(tmp_path, "\ufeffher\r\n\r\n New  York \nher\n咖啡\nде\n".encode())
    assert read_targets(path) == ("her", "New York", "咖啡", "де")


def test_targets_of_several_languages_are_found_each_as_its_script_asks():
    text = "Her 我们在咖啡馆喝咖啡 in New\u00a0York, где её друг"
    found = find_targets(text, ("her", "New York", "咖啡", "де", "её"), ignore_case=True)
    assert [target.target for target in found] == ["her", "咖啡", "咖啡", "New York", "её"]


def test_a_file_without_a_target_is_refused(tmp_path):
    with pytest.raises(TextError, match=r"words\.txt holds no target"):
        read_targets(listed(tmp_path, b"\n \n"))


def test_the_config_holds_what_the_file_lists_and_not_its_name(tmp_path):
    path = listed(tmp_path, b"him\nher\n")
    config = make_config({"targets": ["her"], "target_file": path})
    assert config.target_file is None
    assert config.targets == ("her", "him", "her")
    (tmp_path / "words.txt").write_text("round\n")
    assert make_config({"targets": ["her"], "target_file": path}).hash != config.hash
