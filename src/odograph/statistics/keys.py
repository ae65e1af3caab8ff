"""Keys of tests, of nulls and of ways to an interval: `sentences.names` has the words."""

from enum import StrEnum


class SignificanceTest(StrEnum):
    """How a p-value was had, or, beginning with "none", why there is none."""

    SIGN_FLIP_MAX_T = "sign_flip.max_t"
    SIGN_FLIP_CLUSTER = "sign_flip.cluster"
    SIGN_FLIP_MAX_T_DEPTHS = "sign_flip.max_t.depths"
    SIGN_FLIP_MAX_T_MEASURES = "sign_flip.max_t.measures"
    SIGN_FLIP_CLUSTER_DEPTHS = "sign_flip.cluster.depths"
    SIGN_FLIP_OF_R = "sign_flip.difference_of_r"
    SIGN_FLIP_MEAN = "sign_flip.mean"
    SIGN_FLIP_SLOPE = "sign_flip.slope"
    SIGN_FLIP_MAX_T_SLOPES = "sign_flip.max_t.slopes"
    SIGN_FLIP_MAX_T_SPLITS = "sign_flip.max_t.splits"
    BOOTSTRAP_T_MAX_T = "bootstrap_t.max_t"
    BOOTSTRAP_T_CLUSTER = "bootstrap_t.cluster"
    BOOTSTRAP_T_MAX_T_DEPTHS = "bootstrap_t.max_t.depths"
    BOOTSTRAP_T_MAX_T_MEASURES = "bootstrap_t.max_t.measures"
    BOOTSTRAP_T_CLUSTER_DEPTHS = "bootstrap_t.cluster.depths"
    BOOTSTRAP_T_OF_R = "bootstrap_t.difference_of_r"
    BOOTSTRAP_T_MEAN = "bootstrap_t.mean"
    BOOTSTRAP_T_SLOPE = "bootstrap_t.slope"
    BOOTSTRAP_T_MAX_T_SLOPES = "bootstrap_t.max_t.slopes"
    BOOTSTRAP_T_MAX_T_SPLITS = "bootstrap_t.max_t.splits"
    BOOTSTRAP_T_GROUPS = "bootstrap_t.groups"
    BOOTSTRAP_T_VALLEY = "bootstrap_t.valley"
    SIGN_FLIP_UNITS = "sign_flip.units"
    LABELS_UNITS = "labels.units"
    WILD_GROUPS = "wild.groups"
    WILD_RESIDUALS = "wild.residuals"
    OWN_PAIRING = "own_pairing"
    SEEDS = "seeds"
    CROSSED = "crossed"
    ONE_HUMP = "one_hump"
    VALLEY = "sign_flip.valley"
    NONE_FEW = "none.few"
    NONE_FEWER_THAN_SIX = "none.fewer_than_six"
    NONE_NO_SPREAD = "none.no_spread"
    NONE_NO_DIFFERENCE = "none.no_difference"
    NONE_ONE_TEXT = "none.one_text"
    NONE_FOR_COMPARISON = "none.for_comparison"
    NONE_UNITS_OR_SPREAD = "none.units_or_spread"


class Null(StrEnum):
    """What holds where there is nothing to be found."""

    NO_MEAN_DIFFERENCE = "no_mean_difference"
    EXCHANGEABLE_MODELS = "exchangeable_models"
    NO_CORRELATION = "no_correlation"
    RANDOM_PAIRS = "random_pairs"


class IntervalKind(StrEnum):
    """How an interval was had; what stands before a dot is what its coverage was simulated for."""

    BCA = "bca"
    CROSSED = "crossed"
    INVERTED = "inverted"
    OF_TEST = "of_test"
    SIMULTANEOUS = "simultaneous"
    BCA_PAIRS = "bca.pairs"
    BCA_FISHER_Z = "bca.fisher_z"
    CIRCULAR_BLOCKS = "circular_blocks"
    NONCENTRAL_T = "noncentral_t"
    EXPANDED = "expanded"
    SAME_RESAMPLES = "same_resamples"
    ATTENUATED = "attenuated"
