"""What runs inside a pod, on a node or outside: each tool answers by asking the simulator."""
