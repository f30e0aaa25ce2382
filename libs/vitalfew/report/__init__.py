"""What people read: sections of the summary and how they are formatted."""
