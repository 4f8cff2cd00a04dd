// Compiles the precompiled header that every room reuses (cmake/room.cmake).
