"""The screens that import a Word model of the CTP: file, rereading, corrections, agreement."""
