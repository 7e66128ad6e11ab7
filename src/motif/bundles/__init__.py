"""motif.bundles"""
