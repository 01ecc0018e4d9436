"""What the case studies deploy: a package each, named as its notebook is.

Processes, load drivers and stores live here; what two case studies need moves down into
``mlsd_kit.services`` or a primitive.
"""
