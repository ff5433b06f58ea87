"""The school has a plan, the group has a plan, the teacher chooses: writing, judging and filing them."""
