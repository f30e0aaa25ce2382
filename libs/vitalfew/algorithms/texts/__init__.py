"""What texts talk about: words of any script, and words and phrases that are learnt from the texts themselves."""
