"""Run folders: config, shards, writing, reading. `results` reads one without torch."""
