# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Numbered refusals
@license Apache-2.0
@author  The Lendchain authors
@notice  A contract of ours refuses with `No(uint256 code)`; `contracts/reverts.json` turns the code into words.
         A code costs far less bytecode than a text, and it can be told in any language.
"""


@internal
@pure
def _need(condition: bool, code: uint256):
    """
    @notice Reverts with `No(code)` unless the condition holds.
    """
    if not condition:
        self._refuse(code)


@internal
@pure
def _refuse(code: uint256):
    """
    @notice Reverts with `No(code)`. Behind an `if` it costs a call that goes well nothing, so the dearest paths use it.
    """
    raw_revert(abi_encode(code, method_id=method_id("No(uint256)")))
