"""Names for arrays of one kind of number, so that a signature says what is in them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Bools: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
#: Places in another array.
Numbers: TypeAlias = NDArray[np.intp]
#: Whole numbers of which there are so many that they are kept in few bytes.
Small: TypeAlias = NDArray[np.signedinteger[Any]]
