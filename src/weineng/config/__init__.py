"""Settings from the environment, urls, wsgi: the one place that knows all modules."""
