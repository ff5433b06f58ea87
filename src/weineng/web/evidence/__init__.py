"""The teacher's task page: what is asked, what is there, one submit; and everything that was handed in."""
