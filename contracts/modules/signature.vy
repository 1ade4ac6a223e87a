# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Signatures on secp256k1
@license Apache-2.0
@author  The Lendchain authors
@notice  Who signed a digest: 65 bytes r || s || v, one form only for each signature.
@dev     EIP-2 leaves two forms, s and n - s; the upper half is refused, and so is any v but 27 and 28 and any length but
         65: a signature can't be altered by a third party and taken for another one.
         Refusals: 4 signature not canonical, 7 signature not by the signer named. Pure: no state, nothing to stop.
"""
from . import refusal


NOT_CANONICAL: constant(uint256) = 4
NOT_THE_SIGNER: constant(uint256) = 7

# Half of the order of the curve, rounded down: the largest s of EIP-2.
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@pure
def _recover(digest: bytes32, signature: Bytes[65]) -> address:
    """
    @notice The account that signed, never the zero address.
    """
    refusal._need(len(signature) == 65, NOT_CANONICAL)
    return self._recover_parts(
        digest,
        convert(slice(signature, 64, 1), uint256),
        extract32(signature, 0, output_type=uint256),
        extract32(signature, 32, output_type=uint256),
    )


@internal
@pure
def _recover_parts(digest: bytes32, v: uint256, r: uint256, s: uint256) -> address:
    """
    @notice The account that signed, never the zero address; the signature in its three parts, as EIP-2612 hands it over.
    """
    refusal._need(s <= HALF_ORDER and (v == 27 or v == 28), NOT_CANONICAL)
    signer: address = ecrecover(digest, v, r, s)
    refusal._need(signer != empty(address), NOT_THE_SIGNER)
    return signer


@internal
@pure
def _require_signed_by(signer: address, digest: bytes32, signature: Bytes[65]):
    """
    @notice Refuses unless `signer` signed the digest.
    """
    refusal._need(self._recover(digest, signature) == signer, NOT_THE_SIGNER)
