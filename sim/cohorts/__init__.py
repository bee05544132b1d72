"""Many patients: played on the cores of this computer or on a cluster, and added up."""
