package com.example.saas;

import java.util.List;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.userdetails.User;

/** One of a customer's people. */
class Member extends User {
    private static final long serialVersionUID = 1;

    private final String tenant;

    Member(String name, String password, String tenant, String role) {
        super(name, password, List.of(new SimpleGrantedAuthority("ROLE_" + role)));
        this.tenant = tenant;
    }

    /** What {@code muster.audit.tenant-attribute} reads. */
    public String getTenant() {
        return tenant;
    }
}
