"""Hands files out: by private, short-lived links, in parts where a player asks for parts, and never as a page of ours."""
