package com.example.saas;

import io.muster.spring.Auditable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.stereotype.Service;

/** Who may sign in, and who may do what. */
@Service
class Members implements UserDetailsService {
    private final Map<String, Set<String>> permissions = new ConcurrentHashMap<>();

    @Override
    public UserDetails loadUserByUsername(String name) {
        return switch (name) {
            case "anand.k" -> new Member("anand.k", "{noop}correct horse", "acme", "USER");
            case "carla.m" -> new Member("carla.m", "{noop}battery staple", "acme", "ADMIN");
            default -> throw new UsernameNotFoundException(name);
        };
    }

    @Auditable(
            value = "permission.grant",
            resource = "'permissions/' + #permission",
            details = "{permission: #permission, to: #user}",
            subject = "#user",
            dataCategories = "pii")
    public void grant(String user, String permission) {
        permissions
                .computeIfAbsent(user, anybody -> ConcurrentHashMap.newKeySet())
                .add(permission);
    }

    boolean may(String user, String permission) {
        return permissions.getOrDefault(user, Set.of()).contains(permission);
    }
}
