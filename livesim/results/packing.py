"""What a block came to, as one file: data alone, so that reading it runs no code.

Its first line is text: what is told of the block, and digests of this line and of all that follows.
That is an Arrow file. Arrow sees only bytes whose digest is right, as others can end the process.
Numbers, texts, arrays, collections of them and livesim's own frozen data are written. The arrays
are rows of a table; how they lie in one another is text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.errors import ResultsError

#: Of the digests [bytes].
_SIZE = 20
_CHANGED = "it is not as it was written"
_ARRAY, _TUPLE, _MAP, _DATA = "array", "tuple", "map", "data"


def packed(value: Any, about: Mapping[str, Any]) -> bytes:
    """Return a value as the bytes of a file.

    Parameters
    ----------
    value
        Numbers, texts, arrays, lists, tuples, mappings and frozen dataclasses of livesim.
    about
        What is told of it, as plain data.

    Raises
    ------
    TypeError
        If something in it is of another kind.

    Examples
    --------
    >>> about, value = unpacked(packed({"a": (1, np.arange(3))}, {"block": 4}))
    >>> about, value
    ({'block': 4}, {'a': (1, array([0, 1, 2]))})
    """
    import pyarrow as pa

    arrays: list[NDArray[Any]] = []
    tree = _written(value, arrays)
    table = pa.table(
        {
            "type": [array.dtype.str for array in arrays],
            "shape": [list(array.shape) for array in arrays],
            "data": pa.array([array.tobytes() for array in arrays], pa.large_binary()),
        }
    )
    table = table.replace_schema_metadata({"livesim": json.dumps(tree, ensure_ascii=False)})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sealed(sink.getvalue().to_pybytes(), about)


def sealed(content: bytes, about: Mapping[str, Any]) -> bytes:
    """Return an Arrow file below the line that tells what it is, and its digest."""
    told = json.dumps({"about": dict(about), "digest": _digest(content)}, ensure_ascii=False)
    return b"%s %s\n%s" % (_digest(told.encode()).encode(), told.encode(), content)


def unpacked(content: bytes) -> tuple[dict[str, Any], Any]:
    """Return what is told of a value, and the value, bit for bit.

    Raises
    ------
    ResultsError
        If the bytes are no such file, or not as they were written.
    """
    import pyarrow as pa

    told, start = _first_line(content)
    arrow = memoryview(content)[start:]
    if told["digest"] != _digest(arrow):
        raise ResultsError(_CHANGED)
    try:
        table = pa.ipc.open_file(pa.py_buffer(arrow)).read_all()
        tree = json.loads(table.schema.metadata[b"livesim"])
        columns = (table.column(name).to_pylist() for name in ("type", "shape", "data"))
        arrays = [
            np.frombuffer(data, dtype=np.dtype(kind)).reshape(shape).copy()
            for kind, shape, data in zip(*columns, strict=True)
        ]
        return told["about"], _read(tree, arrays)
    except ResultsError:
        raise
    except Exception as error:  # whatever somebody else has written
        raise ResultsError(f"it is no file of livesim's ({type(error).__name__})") from error


def told_of(content: bytes) -> dict[str, Any]:
    """Return what is told of a value, for which the first line of the file is enough.

    Raises
    ------
    ResultsError
        If the line is none of such a file, or not as it was written.
    """
    return dict(_first_line(content)[0]["about"])


def _first_line(content: bytes) -> tuple[dict[str, Any], int]:
    """Return what the first line says, and where the next one begins [bytes]."""
    end = content.find(b"\n")
    digest, _, told = content[: max(0, end)].partition(b" ")
    if digest != _digest(told).encode():
        ours = len(digest) == 2 * _SIZE and told.startswith(b"{")
        raise ResultsError(_CHANGED if ours else "it is no whole file of livesim's")
    return json.loads(told), end + 1


def _digest(content: bytes | memoryview) -> str:
    return hashlib.blake2b(content, digest_size=_SIZE).hexdigest()


def _written(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """Return how a value is built, and put its arrays at the end of a list."""
    match value:
        case np.ndarray() | np.generic() if not np.asarray(value).dtype.hasobject:
            arrays.append(np.asarray(value))
            columns = value.flags.f_contiguous and not value.flags.c_contiguous
            return [_ARRAY, len(arrays) - 1, *("F" if columns else "")]
        case None | bool() | int() | float() | str():
            return value
        case list():
            return [list.__name__, *(_written(part, arrays) for part in value)]
        case tuple() if type(value) is tuple:
            return [_TUPLE, *(_written(part, arrays) for part in value)]
        case Mapping():
            pairs = [[_written(k, arrays), _written(v, arrays)] for k, v in value.items()]
            return [_MAP, *pairs]
        case _ if _is_ours(type(value).__module__) and _names(type(value)):
            parts = [_written(getattr(value, name), arrays) for name in _names(type(value))]
            return [_DATA, type(value).__module__, type(value).__qualname__, *parts]
    raise TypeError(f"a {type(value).__qualname__} cannot be kept")


def _read(tree: Any, arrays: list[NDArray[Any]]) -> Any:
    match tree:
        case ["array", number]:
            array = arrays[number]
            return array if array.ndim else array[()]
        case ["array", number, "F"]:  # sums depend on how it lies in memory in the last bit
            return np.asfortranarray(arrays[number])
        case ["list", *parts]:
            return [_read(part, arrays) for part in parts]
        case ["tuple", *parts]:
            return tuple(_read(part, arrays) for part in parts)
        case ["map", *pairs]:
            return {_read(key, arrays): _read(part, arrays) for key, part in pairs}
        case ["data", str(module), str(name), *parts] if _is_ours(module):
            kind = getattr(import_module(module), name)
            if names := _names(kind):
                values = [_read(part, arrays) for part in parts]
                return kind(**dict(zip(names, values, strict=True)))
        case None | bool() | int() | float() | str():
            return tree
    raise ResultsError("it holds what livesim never writes")


def _names(kind: Any) -> list[str]:
    """Return the fields of frozen data or of a named tuple; none of what is neither."""
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    return list(getattr(kind, "_fields", ()))


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "livesim"
