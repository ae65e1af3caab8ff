"""English: numbers, plurals and lists, and how a finding reads. It sees no run and no study."""
