# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Peek
@license Apache-2.0
@author  The Lendchain authors
@notice  Reads in one call what a comparison needs. A tool of the tests; it holds and moves nothing.
"""

interface Book:
    def loans(loan: bytes32, word: uint256) -> uint256: view
    def positions(loan: bytes32, holder: address) -> uint256: view
    def ballots(loan: bytes32) -> uint256: view
    def mandates(loan: bytes32) -> uint256: view
    def head() -> uint256: view

interface Token:
    def balanceOf(account: address) -> uint256: view


@external
@view
def words(book: address, loan: bytes32, holders: DynArray[address, 20]) -> DynArray[uint256, 40]:
    found: DynArray[uint256, 40] = []
    for word: uint256 in range(6):
        found.append(staticcall Book(book).loans(loan, word))
    found.append(staticcall Book(book).ballots(loan))
    found.append(staticcall Book(book).mandates(loan))
    for holder: address in holders:
        found.append(staticcall Book(book).positions(loan, holder))
    return found


@external
@view
def balances(token: address, accounts: DynArray[address, 40]) -> DynArray[uint256, 40]:
    found: DynArray[uint256, 40] = []
    for account: address in accounts:
        found.append(staticcall Token(token).balanceOf(account))
    return found
