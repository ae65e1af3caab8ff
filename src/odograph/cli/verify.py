"""`odograph verify`: every file of a run against its checksum."""

from odograph.cli.options import Quiet, Run
from odograph.errors import RunError
from odograph.terminal import show, tell


def verify(run: Run, quiet: Quiet = False) -> None:
    """Check every file of a run folder against its checksum; print those that are not as written.

    Exit 1 if there is any. Twins, tables, figures and findings are checked too.
    """
    from odograph.folder.run import open_unfinished
    from odograph.folder.strays import tell_strays_of
    from odograph.folder.verify import faults_of

    opened = open_unfinished(run)
    tell_strays_of(opened.folder, opened.listed.names(), opened.sections)
    files = dict(faults_of(opened))
    faults = {name: fault for name, fault in files.items() if fault}
    for name, fault in faults.items():
        show(f"{name}: {fault}")
    if faults:
        raise RunError(
            f"{len(faults)} of {len(files)} files of '{run}' are not what was written",
            remedy="Measure shards again with the command that measured them and --resume, do "
            "studies again "
            "with odograph analyse.",
        )
    if not quiet:
        tell(f"all {len(files)} files of '{run}' are what was written")
