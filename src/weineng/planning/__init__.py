"""The school's plan, the group's plan, the teacher's choice of points, and the task list.

Schools diagnose themselves, open points and file their plan; the district returns or approves it; teachers choose
within what is open.
"""
