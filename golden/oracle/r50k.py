"""GPT-2's byte-pair encoding (r50k), whole or cut to its first ranks.

Counts the tokens of a WikiText-2 split, to be held against other implementations:

    python r50k.py --ranks r50k_base.tiktoken --wikitext wiki.valid.raw --vocabulary 4096
"""

import argparse
from base64 import b64decode
from functools import cache
from pathlib import Path

import regex

PIECE = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


class Encoding:
    """Splits text into pieces, and merges each piece's bytes: the pair of lowest rank first, the leftmost among equals.

    Every prefix of the ranks is an encoding too: a token is made of tokens of lower rank, and the first 256 are bytes.
    """

    def __init__(self, ranks: Path, vocabulary: int) -> None:
        tokens = (line.split() for line in ranks.read_bytes().splitlines())
        self._ranks = {b64decode(token): int(rank) for token, rank in tokens if int(rank) < vocabulary}
        if len(self._ranks) != vocabulary:
            raise ValueError(f"{ranks} holds {len(self._ranks)} of the first {vocabulary} ranks")
        self._encode_piece = cache(self._merge)

    def encode(self, text: str) -> list[int]:
        """The token ids of `text`, no special token added."""
        return [token for piece in PIECE.findall(text) for token in self._encode_piece(piece)]

    def _merge(self, piece: str) -> tuple[int, ...]:
        parts = [bytes([byte]) for byte in piece.encode("utf-8")]
        while True:
            pairs = [left + right for left, right in zip(parts, parts[1:])]
            known = [(self._ranks[pair], at) for at, pair in enumerate(pairs) if pair in self._ranks]
            if not known:
                return tuple(self._ranks[part] for part in parts)
            _, at = min(known)
            parts[at : at + 2] = [pairs[at]]


def wikitext(split: Path) -> str:
    """The split's lines as rows, blank ones empty and others with their newline, joined with two newlines."""
    rows = split.read_text(encoding="utf-8").split("\n")[:-1]
    return "\n\n".join(row + "\n" if row.strip() else "" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=Path, required=True, help="r50k_base.tiktoken")
    parser.add_argument("--wikitext", type=Path, required=True, help="a split of WikiText-2 raw")
    parser.add_argument("--vocabulary", type=int, required=True, help="how many of the ranks; all are 50256")
    arguments = parser.parse_args()
    print(len(Encoding(arguments.ranks, arguments.vocabulary).encode(wikitext(arguments.wikitext))))


if __name__ == "__main__":
    main()
