"""Pictures drawn by other processes: the same files, whatever becomes of those who draw."""

import os
import pickle
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace

import pytest

from odograph.errors import UsageError
from odograph.figures import Curve, HeatMap, Labels, draw_heatmap, draw_profile
from odograph.figures import painters as module
from odograph.figures.drawing import Drawing, Order, later
from odograph.figures.painters import MOST, painting, spare

LAYERS = [1, 2, 3]
CARD = {"model": "a model", "unit": "9 passages"}


def profile(name="her", layers=LAYERS):
    labels = Labels(f"How far {name} turns", "block", "rotation (degrees)")
    return later(draw_profile, [Curve(name, layers, [3.0, 1.0, 2.0])], labels)


def heatmap():
    drawn = HeatMap([" a", "b"], LAYERS, [[1, 2, 3], [4, 5, 6]], targets=[1])
    return later(draw_heatmap, drawn, Labels("One sentence", "block", "rotation (degrees)"))


def orders(folder: Path, count=4) -> list[Order]:
    drawings = [profile(), heatmap(), profile("him"), profile("the ½ of it")]
    return [Order(drawings[k % 4], folder / f"picture_{k}", CARD) for k in range(count)]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def painted(folder: Path, painters: int, count=4) -> dict[str, bytes]:
    with painting(painters) as take:
        for order in orders(folder, count):
            take(order)
    return contents(folder)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return painted(tmp_path_factory.mktemp("alone"), 0)


@pytest.fixture
def hired(monkeypatch):
    """The processes of the painters, in the order in which they were hired."""
    processes, hire = [], module._hired

    def remembered(begin):
        painter = hire(begin)
        processes.append(painter.process)
        return painter

    monkeypatch.setattr(module, "_hired", remembered)
    return processes


def replaced_by(code: str):
    """A process that is a painter in name only; it is told the number of the pipe."""

    def hire(begin):
        heard, hears = Pipe(duplex=False)
        with heard:
            command = [sys.executable, "-c", code, str(begin)]
            return module._Painter(subprocess.Popen(command, stdin=heard, pass_fds=[begin]), hears)

    return hire


def test_a_drawing_is_drawn_when_it_is_asked_for():
    figure = profile().figure()
    assert figure.axes[0].get_xlabel() == "block"
    with pytest.raises(UsageError):
        profile(layers=[1]).figure()


def test_without_painters_each_order_is_carried_out_at_once(tmp_path):
    with painting(0) as take:
        for done, order in enumerate(orders(tmp_path, 2), start=1):
            take(order)
            assert len(contents(tmp_path)) == 2 * done


def test_painters_write_the_same_bytes(expected, hired, tmp_path, monkeypatch):
    alone = module._Crew.finish

    def after_all_is_done(crew):
        wait_for(lambda: {path.name for path in tmp_path.iterdir()} == expected.keys())
        alone(crew)

    monkeypatch.setattr(module._Crew, "finish", after_all_is_done)
    assert painted(tmp_path, 1) == expected
    assert [process.returncode for process in hired] == [0]


def test_work_is_shared_between_several_painters_and_this_process(expected, hired, tmp_path):
    assert painted(tmp_path, 2) == expected
    assert [process.returncode for process in hired] == [0, 0]


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(1)",
        "import os, sys; os.read(int(sys.argv[1]), 1); os._exit(3)",
        "import os, sys; os.read(int(sys.argv[1]), 1); os.kill(os.getpid(), 9)",
    ],
    ids=["at once", "after it began one", "killed"],
)
def test_what_a_painter_does_not_finish_is_drawn_here(code, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_hired", replaced_by(code))
    assert painted(tmp_path, 1) == expected


def test_where_no_process_can_be_had_all_is_drawn_here(expected, tmp_path, monkeypatch):
    def refused(begin):
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(module, "_hired", refused)
    assert painted(tmp_path, 2) == expected


def test_beyond_the_numbers_of_a_byte_orders_are_carried_out_at_once(
    expected, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "_NUMBERS", 2)
    assert painted(tmp_path, 1) == expected


def test_an_error_in_a_drawing_is_raised_here(hired, tmp_path):
    wrong = Order(profile(layers=[1]), tmp_path / "wrong", CARD)

    def ordered():
        with painting(1) as take:
            take(wrong)
            wait_for(lambda: hired[0].poll() is not None)

    with pytest.raises(UsageError):
        ordered()
    assert hired[0].returncode == 1
    assert contents(tmp_path) == {}


def test_after_an_interrupt_no_painter_is_left_and_no_file_is_half_written(hired, tmp_path):
    def interrupted():
        with painting(1) as take:
            for order in orders(tmp_path, 40):
                take(order)
            wait_for(lambda: any(tmp_path.iterdir()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert hired[0].returncode == 1
    left = contents(tmp_path)
    assert 0 < len(left) < 80
    assert all(data.rstrip().endswith((b"</svg>", b"IEND\xaeB`\x82")) for data in left.values())


def test_a_painter_ends_with_its_parent(tmp_path):
    code = f"""
import os, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_painters import Path, module, orders, painting, wait_for
folder, hire = Path({str(tmp_path)!r}), module._hired
def told(begin):
    painter = hire(begin)
    print(painter.process.pid, flush=True)
    return painter
module._hired = told
with painting(1) as take:
    for order in orders(folder, 40):
        take(order)
    wait_for(lambda: any(folder.iterdir()))
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (-9, "")
    painter = int(done.stdout)
    wait_for(lambda: not is_running(painter))
    left = contents(tmp_path)
    assert len(left) < 80
    assert not [name for name in left if name.endswith(".part")]


def test_a_drawing_keeps_what_it_is_made_of_on_its_way():
    sent = pickle.loads(pickle.dumps(heatmap()))
    assert isinstance(sent, Drawing)
    assert sent == heatmap()


@pytest.mark.parametrize(("cores", "expected"), [(1, 0), (2, 1), (64, MOST)])
def test_there_are_as_many_painters_as_cores_to_spare(cores, expected, monkeypatch):
    monkeypatch.setattr(
        "odograph.figures.painters.os.sched_getaffinity", lambda _: set(range(cores)), raising=False
    )
    assert spare() == expected


def test_without_pipes_to_pass_on_or_a_known_python_there_is_no_painter(monkeypatch):
    with monkeypatch.context() as on_windows:
        on_windows.setattr(module, "os", SimpleNamespace(name="nt"))
        assert spare() == 0
    monkeypatch.setattr(sys, "executable", "")
    assert spare() == 0


def wait_for(happened, seconds=30.0):
    """Waits until something has happened."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Whether the process is there and no mere entry that nobody has asked for."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
