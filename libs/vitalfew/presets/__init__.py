"""Settings for files whose layout somebody has published: one YAML file each, named by `preset` in a source."""
