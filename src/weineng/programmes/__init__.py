"""A programme and its rules as data: phases, load, choice of points, gates, stages, levels, certificates.

A versioned document with a published schema; lower levels refine it and may only tighten or extend. Holds the
enrolments of people and schools, and which enrolments were touched and must be recounted.
"""
