# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Allowance by signature (EIP-2612)
@license Apache-2.0
@author  The Lendchain authors
@notice  Checks an owner's signature on a permit and uses up its number.
@dev     The importing contract writes the allowance. The deadline is block time, as the standard has it.
         Refusals: 52 permit expired, 4 signature not canonical, 7 signature not by the owner.
"""
from . import refusal
from . import signature
from . import typed_data

uses: typed_data


EXPIRED: constant(uint256) = 52
NOT_THE_SIGNER: constant(uint256) = 7

PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)

nonces: public(HashMap[address, uint256])


@internal
def _use(owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32):
    """
    @notice Refuses unless `owner` signed exactly this allowance with his next number; that number is then spent.
    """
    refusal._need(block.timestamp <= deadline, EXPIRED)
    nonce: uint256 = self.nonces[owner]
    struct_hash: bytes32 = keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, nonce, deadline))
    signer: address = signature._recover_parts(
        typed_data._digest(struct_hash), convert(v, uint256), convert(r, uint256), convert(s, uint256)
    )
    refusal._need(signer == owner, NOT_THE_SIGNER)
    self.nonces[owner] = nonce + 1
