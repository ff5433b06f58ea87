"""The demonstration: an invented district that lives through eleven months, played through the doors like people do.

Nothing here reaches into the platform: visitors fetch pages and send their forms, platforms call the API, and only the
clock is moved. A test proves it by what these files import.
"""
