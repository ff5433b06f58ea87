"""Messages to people: one table says which event tells whom, and a person is told once.

The bell in the product, a digest by mail where mail is configured, and a printed slip where there is no channel.
Modules above announce through effects; the settle loop sends.
"""
