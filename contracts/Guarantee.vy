# pragma version 0.4.3
# pragma evm-version cancun
# pragma nonreentrancy on
"""
@title   Guarantee 风险准备金
@license Apache-2.0
@author  The Lendchain authors
@notice  First-loss fund of one loan book. Pays what the rule of a loan asks, as far as its money reaches, to the book alone.

ROUNDINGS    None: it pays what it is asked or all it has.
STOP         Nothing stops a payment.
ROLES        None. The deployer names the book and its workout once; after that nobody has any say.
TOKEN ASSUMPTIONS  The settlement token of the book: no fee on transfer, no rebasing. What is sent here without `top_up` counts too.
HOW IT ENDS  Its money leaves by `draw` only, for as long as the book has a loan to cover. What a dry fund still owes is paid from
             later money, first come, first served.
REFUSALS     3 token refused, 26 book itself only, 65 bound already.
"""
from modules import refusal


interface IMoney:
    def balanceOf(account: address) -> uint256: view
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def transferFrom(owner: address, receiver: address, amount: uint256) -> bool: nonpayable


event GuaranteePaid:
    loan: indexed(bytes32)
    asked: uint256
    paid: uint256

event ToppedUp:
    by: indexed(address)
    amount: uint256

event Bound:
    book: indexed(address)
    workout: indexed(address)


TOKEN_REFUSED: constant(uint256) = 3
BOOK_ONLY: constant(uint256) = 26
BOUND_ALREADY: constant(uint256) = 65

MONEY: public(immutable(address))
DEPLOYER: immutable(address)

book: public(address)
workout: public(address)


@deploy
def __init__(money: address):
    """
    @param money The settlement token.
    """
    MONEY = money
    DEPLOYER = msg.sender


@external
def bind(book: address, workout: address):
    """
    @notice The deployer names the book that is paid and the workout that may draw for it; once and for ever.
    """
    refusal._need(msg.sender == DEPLOYER, BOOK_ONLY)
    refusal._need(self.book == empty(address) and book != empty(address) and workout != empty(address), BOUND_ALREADY)
    self.book = book
    self.workout = workout
    log Bound(book=book, workout=workout)


@external
def draw(loan: bytes32, amount: uint256) -> uint256:
    """
    @notice The book's workout asks for what the rule of a loan owes; the book is paid.
    @return What was paid: the amount asked, or all there is.
    """
    refusal._need(msg.sender == self.workout, BOOK_ONLY)
    paid: uint256 = min(amount, staticcall IMoney(MONEY).balanceOf(self))
    log GuaranteePaid(loan=loan, asked=amount, paid=paid)
    if paid != 0:
        refusal._need(extcall IMoney(MONEY).transfer(self.book, paid, default_return_value=True), TOKEN_REFUSED)
    return paid


@external
def top_up(amount: uint256):
    """
    @notice Anybody adds to the fund, for good.
    """
    log ToppedUp(by=msg.sender, amount=amount)
    refusal._need(extcall IMoney(MONEY).transferFrom(msg.sender, self, amount, default_return_value=True), TOKEN_REFUSED)


@external
@view
def size() -> uint256:
    """
    @notice All the money in the fund, minor units.
    """
    return staticcall IMoney(MONEY).balanceOf(self)
