"""Records of learning as their sources said them; what an office decides about one."""
