# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Merkle proofs
@license Apache-2.0
@author  The Lendchain authors
@notice  Whether a leaf belongs to a tree, given the path of siblings from the leaf up.
@dev     Each pair is hashed lower value first, so that the path needs no directions. Leaves must be hashes of something
         that is not 64 bytes long, or be hashed twice, or an inner node could pass for a leaf.
"""


@internal
@pure
def _root(leaf: bytes32, path: Bytes[1024]) -> bytes32:
    """
    @notice The root that follows from a leaf and its path.
    @param path The siblings, 32 bytes each, lowest first; bytes beyond the last whole sibling are not read.
    """
    node: bytes32 = leaf
    for i: uint256 in range(len(path) // 32, bound=32):
        sibling: bytes32 = extract32(path, 32 * i)
        if convert(node, uint256) < convert(sibling, uint256):
            node = keccak256(concat(node, sibling))
        else:
            node = keccak256(concat(sibling, node))
    return node


@internal
@pure
def _belongs(root: bytes32, leaf: bytes32, path: Bytes[1024]) -> bool:
    """
    @notice True when the path leads from the leaf to the root. A path that is not whole siblings leads nowhere.
    """
    return len(path) % 32 == 0 and self._root(leaf, path) == root
