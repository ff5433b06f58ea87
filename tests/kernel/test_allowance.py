"""How often a key may call: counted in memory, told with the seconds to wait."""

from weineng.kernel.allowance import Allowance


def test_a_key_may_do_so_much_at_once_and_so_much_over_a_while():
    calls = Allowance(rate=2, burst=3)
    assert [calls.wait(1, 10.0) for _time in range(4)] == [0, 0, 0, 1]
    assert [calls.wait(1, at) for at in (10.4, 10.5, 10.9, 11.0)] == [1, 0, 1, 0]
    assert [calls.wait(1, 20.0) for _time in range(4)] == [0, 0, 0, 1]  # a pause fills it, no further than to the brim


def test_seconds_to_wait_are_whole_and_enough():
    calls = Allowance(rate=0.25, burst=1)
    assert [calls.wait(1, 0.0), calls.wait(1, 0.0), calls.wait(1, 1.0), calls.wait(1, 4.0)] == [0, 4, 3, 0]


def test_each_key_has_its_own():
    calls = Allowance(rate=1, burst=1)
    assert [calls.wait(1, 0.0), calls.wait(2, 0.0), calls.wait(1, 0.0), calls.wait(2, 0.0)] == [0, 0, 1, 1]


def test_a_clock_that_goes_back_gives_nothing():
    calls = Allowance(rate=1, burst=1)
    assert [calls.wait(1, 10.0), calls.wait(1, 5.0), calls.wait(1, 5.9), calls.wait(1, 6.0)] == [0, 1, 1, 0]
