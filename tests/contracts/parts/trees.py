"""A sorted-pair Merkle tree, as the gatekeeper's list is kept off the chain."""

from __future__ import annotations

from eth_utils.crypto import keccak


def pair(a: bytes, b: bytes) -> bytes:
    """The parent of two nodes; the lower one goes first."""
    return keccak(min(a, b) + max(a, b))


class Tree:
    """A tree over any number of leaves; a node without a sibling goes up as it is."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.rows = [leaves]
        while len(self.rows[-1]) > 1:
            row = self.rows[-1]
            parents = [pair(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
            self.rows.append(parents + row[len(row) & ~1 :])

    @property
    def root(self) -> bytes:
        return self.rows[-1][0]

    def path(self, index: int) -> list[bytes]:
        """The siblings of a leaf, lowest first."""
        siblings = []
        for row in self.rows[:-1]:
            if index ^ 1 < len(row):
                siblings.append(row[index ^ 1])
            index >>= 1
        return siblings
