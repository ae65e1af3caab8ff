"""Keeping other libraries quiet, so that stderr holds our messages only."""

import sys
import warnings


def silence_libraries(*, quiet: bool) -> None:
    """No bars and no warnings of transformers while a model is loaded.

    A download of weights keeps its bar on a terminal: it can take long.
    """
    import transformers
    from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    if sys.stderr.isatty() and not quiet:
        enable_progress_bars()
    else:
        disable_progress_bars()
    warnings.filterwarnings("ignore", module=r"(transformers|huggingface_hub|torch)\b")
