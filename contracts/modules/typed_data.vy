# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   EIP-712 typed data
@license Apache-2.0
@author  The Lendchain authors
@notice  The domain of a contract and the digests of what is signed for it.
@dev     The separator is computed once, at deployment, and afresh as soon as `chain.id` is another one, so that after a
         split of the chain a signature is good on one side only. Use:

             import typed_data
             initializes: typed_data
             typed_data.__init__("Lendchain LoanBook", "1")      # in the constructor
             digest: bytes32 = typed_data._digest(struct_hash)

         Nothing here can be stopped or changed; there is no state, only immutables.
"""


DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)

NAME_HASH: immutable(bytes32)
VERSION_HASH: immutable(bytes32)
CHAIN_ID: immutable(uint256)
SEPARATOR: immutable(bytes32)


@deploy
def __init__(name: String[64], version: String[16]):
    """
    @param name    The domain's name, as wallets show it.
    @param version The domain's version; another version refuses this one's signatures.
    """
    NAME_HASH = keccak256(name)
    VERSION_HASH = keccak256(version)
    CHAIN_ID = chain.id
    SEPARATOR = keccak256(abi_encode(DOMAIN_TYPE, keccak256(name), keccak256(version), chain.id, self))


@internal
@view
def _domain_separator() -> bytes32:
    """
    @notice The domain separator on the chain that executes now.
    """
    if chain.id == CHAIN_ID:
        return SEPARATOR
    return keccak256(abi_encode(DOMAIN_TYPE, NAME_HASH, VERSION_HASH, chain.id, self))


@internal
@view
def _digest(struct_hash: bytes32) -> bytes32:
    """
    @notice What is signed: keccak256(0x1901 || domain separator || struct hash).
    """
    return keccak256(concat(x"1901", self._domain_separator(), struct_hash))
