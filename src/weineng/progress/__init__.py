"""Who stands where against which rule.

Derives which minutes of which records count and gives every other minute one reason; standings, gates and roll-ups
follow by one expression per demand, the same for a province and for one teacher's page.
"""
