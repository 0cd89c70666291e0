"""What the reference reader of safetensors makes of small files, valid and damaged.

    python safetensors_reader.py --out safetensors/files.tsv

Each line has the verdict, what the file is, and its bytes with \\xNN for what cannot be printed. The verdict is "accepted"
or "refused", as `safetensors.deserialize` says, or "forbidden" where that accepts what the format's README forbids or no
tensor library holds: a key twice, a tensor that is no dictionary, a dtype that is no text, a dimension beyond int64.
"""

import json
import random
import string
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, deserialize

BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("C64", "F64", "I64", "U64"), 64),
}
"""The dtypes of the README's and the reader's source."""

INT64 = 2**63 - 1
BOM = b"\xef\xbb\xbf"


def file(header: str | bytes, data: int | bytes = b"", length: int | None = None) -> bytes:
    """A file of a header, so many zeros or these bytes of data, and a length that may be another than the header's."""
    text = header.encode("utf-8") if isinstance(header, str) else header
    size = len(text) if length is None else length
    return size.to_bytes(8, "little") + text + (data if isinstance(data, bytes) else bytes(data))


def entry(dtype: str = '"F32"', shape: str = "[2]", offsets: str = "[0,8]", more: str = "") -> str:
    return f'{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}'


def one(name: str = '"x"', **fields: str) -> str:
    return f"{{{name}:{entry(**fields)}}}"


def nested(levels: int) -> str:
    """A tensor with a field of so many levels, of which the header has two more."""
    return one(more=',"more":' + "[" * levels + "]" * levels)


def of_the_reference() -> Iterator[tuple[str, bytes]]:
    """The files of the reference's own tests and attacks."""
    test = '{"test":{"dtype":"I32","shape":%s,"data_offsets":%s}}'
    whole = test % ("[2,2]", "[0,16]")
    yield "deserialization", file(whole, 16)
    yield "empty shapes allowed", file(test % ("[]", "[0,4]"), 4)
    yield "zero sized tensor", file(test % ("[2,0]", "[0, 0]"))
    yield "whitespace padded header", file("{}\r \t\n")
    yield "whitespace leading padded header", file("\t\n{}\r ")
    yield "empty", file("{}      ")
    yield "only metadata", file('{"__metadata__":{"framework":"pt"}}     ')
    yield "fp4", file('{"attn.0":{"dtype":"F4","shape":[1,2],"data_offsets":[0,1]}}    ', 1)
    yield "fp4 misaligned", file('{"attn.0":{"dtype":"F4","shape":[1,3],"data_offsets":[0,2]}}', 2)
    yield "fp4 invalid", file('{"attn.0":{"dtype":"F4","shape":[1,2],"data_offsets":[0,2]}}', 2)
    yield "json attack", file(
        "{" + ",".join(f'"weight_{i}":{entry(shape="[2,2]", offsets="[0,16]")}' for i in range(10)) + "}", 16
    )
    yield "polyglot", file(whole, bytes(16) + b"extra_bogus_data_for_polyglot_file")
    yield "missing data", file(whole, 14)
    yield "header too large", file(whole, 16, length=0xFFFFFF000000003C)
    yield "header too small", b""
    yield "invalid header length", file("", length=60)
    yield "header not utf8", file(b"\xff")
    yield "header not json", file("{")
    yield "invalid info", file(test % ("[2,2]", "[0, 4]"), 4)
    yield "shape overflow", file(test % ("[2,18446744073709551614]", "[0,16]"), 16)
    yield "size overflow", file(test % ("[2,9223372036854775807]", "[0,16]"), 16)
    yield "abuse attempt 1", file(one(), 8, length=1000)
    yield "abuse attempt 3", file(
        "{" + ",".join(f'"weight_{i}":{entry(offsets="[0,8]")}' for i in range(3)) + "}", 8
    )


def by_hand() -> Iterator[tuple[str, bytes]]:
    """What each rule of the README and of serde_json allows and forbids."""
    for size in (*range(1, 8),):
        yield f"{size} bytes", bytes(size)
    for length in (0, 1, 7, 9, 55, 56, 58, 59, 100_000_000, 100_000_001, 2**31, 2**32, 2**63 - 9, 2**63, 2**64 - 1):
        yield f"a length of {length}", file(one(), 8, length=length)
    for dtype, bits in BITS.items():
        yield f"8 {dtype}", file(one(dtype=f'"{dtype}"', shape="[8]", offsets=f"[0,{bits}]"), bits)
        yield f"8 {dtype} and a byte", file(one(dtype=f'"{dtype}"', shape="[8]", offsets=f"[0,{bits + 1}]"), bits + 1)
        yield f"3 {dtype}", file(one(dtype=f'"{dtype}"', shape="[3]", offsets=f"[0,{3 * bits // 8}]"), 3 * bits // 8)
    for dtype in ('"f32"', '"F32 "', '"F128"', '"F8"', '""', "32", "null", "true", '["F32"]', '{"F32":null}', '{"F32":1}'):
        yield f"dtype {dtype}", file(one(dtype=dtype), 8)
    for shape in (
        "[]", "[2]", "[1,2]", "[2,1,1,1,1,1]", "[ 2 ]", "[2.0]", "[2e0]", "[-2]", "[-0]", "[02]", "[+2]", "[0x2]", "[null]",
        '["2"]', "[[2]]", "[2,]", "[,2]", "[2 1]", "{}", '{"0":2}', "2", '"2"', "null", "true", "[1,[2]]", "[true]", "[1e0]",
        "[18446744073709551615]", "[18446744073709551616]", "[9223372036854775808]", "[4611686018427387904,4]",
        "[4294967296,4294967296]", "[99999999999999999999999999]",
    ):  # fmt: skip
        yield f"shape {shape}", file(one(shape=shape), 8)
        yield f"shape {shape} of bytes", file(one(dtype='"U8"', shape=shape, offsets="[0,1]"), 1)
    for shape in (
        "[0]", "[0,7]", "[7,0]", "[0,0]", "[-0]", "[0.0]", "[0,4294967296,4294967296]", "[4294967296,4294967296,0]",
        "[9223372036854775807,2,0]", "[9223372036854775807,3,0]", "[0,9223372036854775807]", "[0,9223372036854775808]",
        "[0,18446744073709551615]", "[0,18446744073709551616]", "[2305843009213693952,8,0]", "[4294967296,2147483648,0]",
    ):  # fmt: skip
        yield f"nothing of shape {shape}", file(one(shape=shape, offsets="[0,0]"))
    for offsets in (
        "[0,8]", "[ 0 , 8 ]", "[0]", "[]", "[0,8,8]", "[8,0]", "[0,7]", "[0,9]", "[1,9]", "[4,8]", "[-0,8]", "[0,8.0]", "[0,8e0]",
        "[-8,0]", "[0,null]", '["0","8"]', '{"0":0,"1":8}', "null", "8", "[[0,8]]", "[0,18446744073709551616]",
        "[18446744073709551608,18446744073709551615]", "[9223372036854775800,9223372036854775808]", "[00,8]", "[0,8,]",
    ):  # fmt: skip
        yield f"offsets {offsets}", file(one(offsets=offsets), 8)
    for lacking in ("dtype", "shape", "data_offsets"):
        yield f"no {lacking}", file(one().replace(lacking, "other"), 8)
        yield f"{lacking} in capitals", file(one().replace(lacking, lacking.upper()), 8)
    for metadata in (
        "{}", '{"a":"b"}', '{"a":""}', '{"":""}', "null", "[]", '""', "7", "true", '{"a":1}', '{"a":null}', '{"a":true}',
        '{"a":{}}', '{"a":["b"]}', '{"a":"b","c":1}', '{"a":"b",}', "{'a':'b'}", '{"a"}', '{1:"b"}', '{"a":"b","a":"c"}',
        '{"a":"\\u00e9\\ud83d\\ude00"}', '{"a":"\\ud83d"}', '{"\\ude00":"b"}', '{"a":"\\x41"}', '{"a":"\n"}', '{"a":"\\u0000"}',
        '{"a":"é😀"}', '{"__metadata__":"x"}', '[["a","b"]]',
    ):  # fmt: skip
        yield f"metadata {metadata}", file('{"__metadata__":' + metadata + "," + one()[1:], 8)
        yield f"only metadata {metadata}", file('{"__metadata__":' + metadata + "}")
    yield "metadata as a tensor", file(one(name='"__metadata__"'), 8)
    yield "metadata twice", file('{"__metadata__":{},"__metadata__":{}}')
    for more in (
        ',"more":1', ',"more":null', ',"more":[1,{"a":[]}]', ',"more":{"a":1,"b":{}}', ',"more":1e400', ',"more":-1e400',
        ',"more":1e-400', ',"more":0e999999999999', ',"more":1e308', ',"more":' + "9" * 400, ',"more":0.' + "1" * 2000,
        ',"more":' + "1" * 300, ',"more":NaN', ',"more":Infinity', ',"more":-Infinity', ',"more":01', ',"more":1.', ',"more":.5',
        ',"more":+1', ',"more":-', ',"more":- 1', ',"more":1e', ',"more":0x10', ',"more":1_0', ',"more":tru', ',"more":True',
        ',"more":nul', ',"more":undefined', ',"more":"\\ud800"', ',"more":"\\ud83d\\ude00"', ',"more":"\\ude00\\ud83d"',
        ',"more":"\\ud83dx"', ',"more":"\\ud83d\\n"', ',"more":"\\u12"', ',"more":"\\u12g4"', ',"more":"\\a"', ',"more":"\\/"',
        ',"more":"\t"', ',"more":"\x7f"', ',"more":"a', ',"dtype":"F32"', ',"shape":[2]', ',"data_offsets":[0,8]', ',"more":1,"more":2',
        ',"more":{"a":1,"a":2}', ',"":0', ",", ',"more"', ',"more":', ',more:1', ',"more":1 /* no */', ',"more":{"\\ud800":1}',
        ',"d\\u0074ype":"F32"', ',"more":[1 2]', ',"more":{"a" 1}', ',"more":[1,]', ',"more":{"a":1,}',
    ):  # fmt: skip
        yield f"a tensor with{more[:40]}", file(one(more=more), 8)
    for levels in (1, 100, 123, 124, 125, 126, 127, 128, 200, 5000):
        yield f"{levels} levels in a tensor", file(nested(levels), 8)
    yield "objects in objects", file(one(more=',"more":' + '{"a":' * 124 + "1" + "}" * 124), 8)
    yield "more objects in objects", file(one(more=',"more":' + '{"a":' * 125 + "1" + "}" * 125), 8)
    for value in ("null", "7", '"x"', "[]", "{}", "true", '["F32",[2],[0,8]]', '["F32",[2],[0,8],1]', '["F32",[2]]'):
        yield f"a tensor that is {value}", file('{"x":' + value + "}", 8)
    for header in (
        "", " ", "{}", " {}", "{} ", "{}{}", "{},", "{}x", "{}\0", "\0{}", "{}//", "/**/{}", "[]", "[{}]", "null", "7", '"x"',
        "true", "{", "}", "{]", '{"x"}', '{"x":}', "{x:1}", "{'x':1}", "{,}", '{"x":1', "\v{}", "\f{}", "\u00a0{}", "{}\u2028", "{\n}",
    ):  # fmt: skip
        yield f"a header {header!r}", file(header)
    for name in ('""', '" "', '"\\u0078"', '"\\ud83d\\ude00"', '"\\ud83d"', '"é"', '"\\n"', '"\n"', '"\\u0000"', '"dtype"', '"' + "n" * 60_000 + '"'):
        yield f"a name {name[:12]}", file(one(name=name), 8)
    yield "a name twice", file('{"x":' + entry() + ',"x":' + entry() + "}", 8)
    yield "a name twice, one of nothing", file('{"x":' + entry(shape="[0]", offsets="[0,0]") + ',"x":' + entry() + "}", 8)
    yield "a name twice, once escaped", file('{"x":' + entry() + ',"\\u0078":' + entry() + "}", 8)
    text = one()
    yield "a byte-order mark", file(BOM + text.encode(), 8)
    yield "a byte-order mark at the end", file(text.encode() + BOM, 8)
    yield "a byte-order mark after a blank", file(b" " + BOM + text.encode(), 8)
    for encoding in ("utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32", "utf-7", "cp037"):
        yield encoding, file(text.encode(encoding), 8)
    for wrong in (
        b"\x80", b"\xff", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xf0\x80\x80\x80",
        b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe9", b"\xc3", b"\xf0\x9f\x98",
    ):  # fmt: skip
        yield f"bytes {wrong.hex()} in a name", file(b'{"' + wrong + text.encode()[2:], 8)
        yield f"bytes {wrong.hex()} after the header", file(text.encode() + wrong, 8)
        yield f"bytes {wrong.hex()} in metadata", file(b'{"__metadata__":{"a":"' + wrong + b'"}}')
    for layout in (
        ("[0,8]", "[8,16]"), ("[8,16]", "[0,8]"), ("[0,8]", "[0,8]"), ("[0,8]", "[4,12]"), ("[4,12]", "[0,8]"), ("[0,8]", "[9,17]"),
        ("[1,9]", "[9,17]"), ("[0,8]", "[8,15]"), ("[0,8]", "[8,17]"), ("[8,16]", "[16,24]"),
    ):  # fmt: skip
        first, second = (entry(offsets=each) for each in layout)
        for size in (15, 16, 17, 24):
            yield f"{layout[0]} and {layout[1]} of {size}", file('{"x":' + first + ',"y":' + second + "}", size)
    for place in ("[0,0]", "[4,4]", "[8,8]", "[9,9]", "[1,0]"):
        nothing = entry(shape="[0]", offsets=place)
        for order in ('{"x":%s,"y":%s}' % (entry(), nothing), '{"y":%s,"x":%s}' % (nothing, entry())):
            yield f"nothing at {place}", file(order, 8)


def valid(draw: random.Random) -> tuple[dict[str, Any], bytes]:
    """A header and data of some tensors, in the order of their data or another."""
    header: dict[str, Any] = {}
    offset = 0
    for _ in range(draw.randint(0, 3)):
        dtype = draw.choice(list(BITS))
        shape = [draw.choice((0, 1, 1, 2, 2, 3, 4)) for _ in range(draw.randint(0, 3))]
        elements = 1
        for dimension in shape:
            elements *= dimension
        if elements * BITS[dtype] % 8 == 0 and elements * BITS[dtype] <= 256:
            end = offset + elements * BITS[dtype] // 8
            name = "".join(draw.choices(string.ascii_lowercase + ".é", k=draw.randint(1, 5)))
            if name not in header:
                header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, end]}
                offset = end
    items = list(header.items())
    draw.shuffle(items)
    if draw.random() < 0.3:
        items.insert(draw.randint(0, len(items)), ("__metadata__", {"format": "pt"}))
    return dict(items), bytes(offset)


def written(draw: random.Random, header: dict[str, Any]) -> bytes:
    separators = draw.choice(((",", ":"), (", ", ": "), (" ,\n", " :\t")))
    text = json.dumps(header, separators=separators, ensure_ascii=draw.random() < 0.5)
    return (" " * draw.choice((0, 0, 0, 3)) + text + " " * draw.choice((0, 0, 7))).encode("utf-8")


NUMBERS = (0, 1, 2, 3, 4, 7, 8, 255, 2**31, 2**32, 2**53, 2**61, INT64, 2**63, 2**64 - 1, 2**64, -1, -0.0, 1.0, 1e300, None, "1", [], True)
TEXTS = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"0", b"-", b".", b"e9", b" ", b"\n", b"\0", b"\x1f", b"\xff", b"\xc3", BOM,
         b"null", b"1e999", b'"a":1,', b"\\ud800", b"\\u0041", b"/**/", b"'", b"[[[[", b'"__metadata__":', b"\xe2\x80\xa8")  # fmt: skip


def changed(draw: random.Random, header: dict[str, Any]) -> str:
    """Changes what a header says, and says how."""
    tensors = [name for name in header if name != "__metadata__"]
    if not tensors:
        header["__metadata__"] = draw.choice(NUMBERS)
        return "other metadata"
    tensor = header[draw.choice(tensors)]
    shape, offsets = tensor.get("shape"), tensor.get("data_offsets")
    what = draw.randrange(7)
    if what == 0 and tensor:
        field = draw.choice(list(tensor))
        del tensor[field]
        return f"without {field}"
    if what == 1 and offsets:
        offsets[draw.randrange(2)] = draw.choice(NUMBERS)
        return "another offset"
    if what == 2 and offsets and all(isinstance(place, int) for place in offsets):
        by = draw.choice((-8, -1, 1, 2, 8))
        tensor["data_offsets"] = [place + by for place in offsets]
        return "moved"
    if what == 3 and shape:
        shape[draw.randrange(len(shape))] = draw.choice(NUMBERS)
        return "another dimension"
    if what == 4:
        tensor["dtype"] = draw.choice((*BITS, *NUMBERS, "f32"))
        return "another dtype"
    if what == 5:
        tensor[draw.choice(("more", "shape ", "Dtype"))] = draw.choice(NUMBERS)
        return "a field more"
    header["__metadata__"] = draw.choice(({"a": draw.choice(NUMBERS)}, draw.choice(NUMBERS), {"a": "b"}))
    return "other metadata"


def damaged(draw: random.Random, content: bytearray) -> str:
    """Damages bytes, and says how."""
    if not content:
        return "nothing left"
    at = draw.randrange(len(content))
    what = draw.randrange(9)
    if what == 0:
        content[at] ^= 1 << draw.randrange(8)
        return "a flipped bit"
    if what == 1:
        content[at] = draw.randrange(256)
        return "another byte"
    if what == 2:
        del content[at:]
        return "cut"
    if what == 3:
        content.extend(bytes(draw.choice((1, 2, 8, 100))))
        return "longer"
    if what == 4:
        del content[at : at + draw.choice((1, 1, 2, 5))]
        return "bytes taken out"
    if what == 5:
        content[at:at] = draw.choice(TEXTS)
        return "text put in"
    if what == 6:
        content[at : at + 1] = draw.choice(TEXTS)
        return "text put over"
    if what == 7:
        end = min(len(content), at + draw.randint(1, 20))
        content[at:at] = content[at:end]
        return "a part twice"
    size = int.from_bytes(content[:8], "little")
    content[:8] = (max(0, size + draw.choice((-9, -8, -2, -1, 1, 2, 8, 9))) % 2**64).to_bytes(8, "little")
    return "another length"


def mutants(draw: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(count):
        header, data = valid(draw)
        says = [changed(draw, header) for _ in range(draw.choice((0, 0, 1, 1, 2)))]
        text = written(draw, header)
        if draw.random() < 0.5:
            # So that damage meets what it is about, and not the length.
            inside = bytearray(text)
            says.append(damaged(draw, inside) + " in the header")
            content = bytearray(file(bytes(inside), data))
        else:
            content = bytearray(file(text, data))
            says += [damaged(draw, content) for _ in range(draw.choice((0, 1, 1, 2)))]
        yield ", ".join(says) or "as it should be", bytes(content)


def forbidden(content: bytes) -> bool:
    """Whether a file that the reader accepts has what the module's text lists."""
    twice = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        twice |= len(dict(items)) < len(items)
        return dict(items)

    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size].decode("utf-8"), object_pairs_hook=pairs)
    tensors = [value for name, value in header.items() if name != "__metadata__"]
    return twice or any(
        not isinstance(tensor, dict)
        or not isinstance(tensor["dtype"], str)
        or any(dimension > INT64 for dimension in tensor["shape"])
        for tensor in tensors
    )


def verdict(content: bytes) -> str:
    try:
        deserialize(content)
    except SafetensorError:
        return "refused"
    return "forbidden" if forbidden(content) else "accepted"


def printable(content: bytes) -> str:
    return "".join(chr(each) if 32 <= each < 127 and each != 92 else f"\\x{each:02x}" for each in content)


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mutants", type=int, default=600, help="files that are damaged at random")
    parser.add_argument("--seed", type=int, default=1729)
    arguments = parser.parse_args()
    cases: list[Callable[[], Iterator[tuple[str, bytes]]]] = [
        of_the_reference,
        by_hand,
        lambda: mutants(random.Random(arguments.seed), arguments.mutants),
    ]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    with arguments.out.open("w", encoding="ascii", newline="\n") as out:
        for name, content in (case for cases_of in cases for case in cases_of()):
            said = verdict(content)
            counts[said] = counts.get(said, 0) + 1
            out.write(f"{said}\t{ascii(name)[1:-1]}\t{printable(content)}\n")
    print(counts)


if __name__ == "__main__":
    main()
