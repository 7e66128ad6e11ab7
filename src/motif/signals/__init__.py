"""motif.signals"""
