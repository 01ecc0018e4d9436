"""The search service: sentence vectors, the nearest-neighbour index, the funnel, its web app."""
