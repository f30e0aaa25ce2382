"""Every sentence that a user reads in a result, in every language: templates, and what they become."""
