"""What goes wrong on request: that it strikes whom it should, as often as it should, and the same again."""

import unittest

from local_aws.permissions import Need, Operation
from local_aws.roles import Actor
from local_aws.trouble import Rule, Trouble


def actor(session):
    return Actor("key", "secret", None, "role", session)


def reading(key):
    return Operation("s3", "GetObject", (Need("s3:GetObject", f"arn:aws:s3:::lake/{key}"),))


class Troubles(unittest.TestCase):
    def struck(self, keys, *rules, seed=1, session="pynvest-lambda-a"):
        trouble = Trouble()
        trouble.brew(seed, list(rules))
        return [key for key in keys if trouble.strikes(actor(session), reading(key))]

    def test_a_share_depends_on_the_seed_and_not_on_the_order(self):
        keys, rule = [str(number) for number in range(1_000)], Rule("broken", "s3", percent=20)
        struck = self.struck(keys, rule)
        self.assertTrue(150 < len(struck) < 250, len(struck))
        self.assertEqual(sorted(struck), sorted(self.struck(keys[::-1], rule)))
        self.assertNotEqual(struck, self.struck(keys, rule, seed=2))

    def test_a_request_that_is_repeated_is_drawn_anew(self):
        struck = self.struck(["x"] * 1_000, Rule("broken", "s3", percent=20))
        self.assertTrue(150 < len(struck) < 250, len(struck))

    def test_a_rule_lets_some_pass_and_is_used_up(self):
        self.assertEqual(self.struck("abcde", Rule("kills", after=1, first=2)), ["b", "c"])

    def test_a_rule_may_strike_only_what_is_asked_for_again(self):
        self.assertEqual(self.struck("abab", Rule("hangs", repeated=True)), ["a", "b"])

    def test_a_rule_strikes_its_service_its_action_and_its_function_alone(self):
        self.assertEqual(self.struck("a", Rule("broken", "glue")), [])
        self.assertEqual(self.struck("a", Rule("broken", action="s3:PutObject")), [])
        self.assertEqual(self.struck("a", Rule("broken", function="pynvest-lambda-b")), [])
        self.assertEqual(self.struck("a", Rule("broken", action="s3:GetObject", function="pynvest-lambda-a")), ["a"])
        self.assertEqual(self.struck("a", Rule("broken"), session="mapping"), [])

    def test_a_denial_is_no_failure_of_the_request(self):
        trouble, need = Trouble(), reading("a").needs[0]
        trouble.brew(1, [Rule("denied", action="s3:GetObject", first=1)])
        self.assertIsNone(trouble.strikes(actor("pynvest-lambda-a"), reading("a")))
        self.assertEqual([trouble.denies(actor("pynvest-lambda-a"), need) for _ in range(2)], [True, False])

    def test_events_come_late_twice_or_not_at_all(self):
        trouble = Trouble()
        self.assertEqual(trouble.deliveries("e"), [0.0])
        trouble.twice, trouble.delay = 100, 2.0
        self.assertEqual(len(trouble.deliveries("e")), 2)
        self.assertTrue(all(0 < after < 2 for after in trouble.deliveries("e")))
        trouble.held_back = 100
        self.assertEqual(trouble.deliveries("e"), [])

    def test_a_message_comes_again_once(self):
        trouble = Trouble()
        self.assertFalse(trouble.comes_again("m", 1))
        trouble.messages_twice = 100
        self.assertEqual([trouble.comes_again("m", received) for received in (1, 2)], [True, False])


if __name__ == "__main__":
    unittest.main()
