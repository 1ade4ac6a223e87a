# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Annuity
@license Apache-2.0
@author  The Lendchain authors
@notice  Level instalment P * i / (1 - (1 + i)^-n) with i = a / b, rounded half-up, as an interval that holds the exact answer.
@dev     v = b / (a + b) in Q128, floored; v^n by left-to-right square-and-multiply, floored at each step. With err(1) < 1 ulp,
         squaring takes 2k - 1 to 2(2k - 1) + 1 = 2(2k) - 1 and multiplying to (2k - 1) + 2 = 2(k + 1) - 1, so that
         0 <= v^n - p <= 2n - 1 ulp and the instalment lies between the two quotients. The upper one is exact half-up for every
         principal below 2^48 on the grid of rates of 0.01 % (proved by search), ties included: they round up, as half-up does.
         Ranges: P < 2^56, a < 2^33, b < 2^38, 0 < n < 1024 keep every product below 2^256; the caller sees to them.
"""


@internal
@pure
def _level(principal: uint256, a: uint256, b: uint256, n: uint256) -> (uint256, uint256):
    """
    @notice Least and greatest value that the exactly rounded instalment can have; equal but for about one loan in 2^50.
    @param a Rate of a period, numerator: ppm a year times months.
    @param b Rate of a period, denominator: 12,000,000.
    @param n Number of instalments.
    """
    if a == 0:
        even: uint256 = unsafe_div(unsafe_add(unsafe_mul(2, principal), n), unsafe_mul(2, n))
        return even, even
    if n == 1:
        whole: uint256 = unsafe_div(
            unsafe_add(unsafe_mul(unsafe_mul(2, principal), unsafe_add(a, b)), b), unsafe_mul(2, b)
        )
        return whole, whole
    v: uint256 = unsafe_div(b << 128, unsafe_add(a, b))
    power: uint256 = v
    bit: uint256 = 1
    for _: uint256 in range(10):
        if bit << 1 > n:
            break
        bit = bit << 1
    for _: uint256 in range(10):
        bit = bit >> 1
        if bit == 0:
            break
        power = unsafe_mul(power, power) >> 128
        if n & bit != 0:
            power = unsafe_mul(power, v) >> 128
    rest: uint256 = unsafe_sub(1 << 128, power)
    # twice P * a * 2^128, so that half a unit can be added before the division
    double: uint256 = unsafe_mul(principal, a) << 129
    divisor: uint256 = unsafe_mul(b, rest)
    low: uint256 = unsafe_div(unsafe_add(double, divisor), unsafe_mul(2, divisor))
    divisor = unsafe_mul(b, unsafe_sub(rest, unsafe_sub(unsafe_mul(2, n), 1)))
    return low, unsafe_div(unsafe_add(double, divisor), unsafe_mul(2, divisor))
