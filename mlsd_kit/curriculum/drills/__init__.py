"""Design drills: a small design is simulated under load and judged against its limits."""
